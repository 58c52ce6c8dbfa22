import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { HoldfastError } from '../errors.js';
import {
  endProcess,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  readCommandLine,
  readParentPid,
} from '../system/processes.js';
import { clearSingletonLock, readSingletonLock } from './singleton-lock.js';

const OWNER_FILE = 'holdfast-owner.json';

interface Owner {
  host: string;
  process: ProcessIdentity;
  /** The browser on the profile, once it runs. */
  browser: ProcessIdentity | null;
}

/** The right of this process to use a profile. */
export interface ProfileClaim {
  /** Notes which browser runs on the profile, so that it can be ended if this process dies first. */
  noteBrowser(pid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Claims a profile folder for this process. A browser whose owner is dead is ended, and a lock
 * that nobody holds is cleared.
 *
 * @throws {HoldfastError} PROFILE_IN_USE, naming the pid, when a live process uses the profile
 */
export async function claimProfile(userDataDir: string): Promise<ProfileClaim> {
  await settleOwner(userDataDir);
  await settleSingletonLock(userDataDir);
  const self = await identifyProcess(process.pid);
  const owner: Owner = {
    host: hostname(),
    process: self ?? { pid: process.pid, startTime: '' },
    browser: null,
  };
  await writeOwner(userDataDir, owner);
  // Two processes may have come here at once; the later to write has it.
  const winner = await readOwner(userDataDir);
  if (winner !== null && winner.process.pid !== process.pid)
    refuse(userDataDir, winner.process.pid);
  return {
    noteBrowser: async (pid) => {
      await writeOwner(userDataDir, { ...owner, browser: await identifyProcess(pid) });
    },
    release: () => rm(path.join(userDataDir, OWNER_FILE), { force: true }),
  };
}

async function settleOwner(userDataDir: string): Promise<void> {
  const owner = await readOwner(userDataDir);
  // A process of another host (a container before this one) cannot be looked at from here.
  if (owner === null || owner.host !== hostname()) return;
  if (await isRunning(owner.process)) refuse(userDataDir, owner.process.pid);
  if (owner.browser !== null) await endProcess(owner.browser);
}

async function settleSingletonLock(userDataDir: string): Promise<void> {
  const pid = await readSingletonLock(userDataDir);
  if (pid !== null) {
    const browser = await identifyProcess(pid);
    if (browser !== null && (await usesProfile(pid, userDataDir))) {
      if (!(await isOrphan(pid))) refuse(userDataDir, pid);
      await endProcess(browser);
    }
  }
  await clearSingletonLock(userDataDir);
}

async function usesProfile(pid: number, userDataDir: string): Promise<boolean> {
  const folder = path.resolve(userDataDir);
  const command = await readCommandLine(pid);
  return command?.some((arg) => arg === `--user-data-dir=${folder}`) ?? false;
}

/** Programs that adopt the children of a dead process and start no browsers themselves. */
const ADOPTERS = /^(init|systemd|launchd|tini|dumb-init|docker-init|catatonit|s6-svscan|runsvdir)$/;
/** A runtime that is a container's first process may well be the browser's living owner. */
const RUNTIMES = /^(node|bun|deno|pm2|electron|python|java)/i;

/** True for a browser that was started by a program, which is dead. */
async function isOrphan(pid: number): Promise<boolean> {
  const command = await readCommandLine(pid);
  if (!command?.some((arg) => arg.startsWith('--remote-debugging-'))) return false;
  const parent = await readParentPid(pid);
  if (parent === null) return false;
  const program = path.basename((await readCommandLine(parent))?.[0] ?? '');
  return parent === 1 ? !RUNTIMES.test(program) : ADOPTERS.test(program);
}

function refuse(userDataDir: string, pid: number): never {
  const who = pid === process.pid ? `this process (${pid})` : `process ${pid}`;
  throw new HoldfastError(
    'PROFILE_IN_USE',
    `The profile ${userDataDir} is in use by ${who}. ` +
      'End it first, or use another clientId: two browsers on one profile destroy it.',
  );
}

async function readOwner(userDataDir: string): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(path.join(userDataDir, OWNER_FILE), 'utf8')) as Owner;
  } catch {
    return null;
  }
}

/** By rename, so that a reader never sees half of it. */
async function writeOwner(userDataDir: string, owner: Owner): Promise<void> {
  const file = path.join(userDataDir, OWNER_FILE);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  await rename(draft, file);
}
