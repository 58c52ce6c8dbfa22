import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
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

/**
 * Whose turn it is says the file with the highest number. Who comes next creates the next number,
 * which succeeds for one only. The file of the last turn stays, emptied, so that a number is never
 * given twice.
 */
const OWNER_FILE = /^holdfast-owner-(\d+)\.json$/;

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
  const self = await identifyProcess(process.pid);
  const owner: Owner = {
    host: hostname(),
    process: self ?? { pid: process.pid, startTime: '' },
    browser: null,
  };
  const file = await takeTurn(userDataDir, owner);
  const claim: ProfileClaim = {
    noteBrowser: async (pid) => {
      await replaceOwnerFile(file, { ...owner, browser: await identifyProcess(pid) });
    },
    release: () => emptyOwnerFile(file),
  };
  try {
    await settleSingletonLock(userDataDir);
  } catch (error) {
    await claim.release();
    throw error;
  }
  return claim;
}

/** Keeps browsers and others out of a folder, if it is there; null if it is not. */
export async function claimIfThere(userDataDir: string): Promise<ProfileClaim | null> {
  try {
    return await claimProfile(userDataDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** @returns the owner file of this turn */
async function takeTurn(userDataDir: string, owner: Owner): Promise<string> {
  const fileOf = (turn: number) => path.join(userDataDir, `holdfast-owner-${turn}.json`);
  for (;;) {
    const last = Math.max(0, ...(await listTurns(userDataDir)));
    await settleOwner(userDataDir, fileOf(last));
    const turn = last + 1;
    if (!(await createOwnerFile(fileOf(turn), owner))) continue;
    const turns = await listTurns(userDataDir);
    // Others have had this turn and later ones since we looked.
    const isOver = turns.some((other) => other > turn);
    const old = isOver ? [turn] : turns.filter((other) => other < turn);
    for (const each of old) await rm(fileOf(each), { force: true });
    if (!isOver) return fileOf(turn);
  }
}

async function listTurns(userDataDir: string): Promise<number[]> {
  const numbers = (await readdir(userDataDir)).map((name) => OWNER_FILE.exec(name)?.[1]);
  return numbers.filter((number) => number !== undefined).map(Number);
}

/** Ends what a dead owner left; a living owner keeps the profile. */
async function settleOwner(userDataDir: string, file: string): Promise<void> {
  const owner = await readOwnerFile(file);
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

/** What file systems that have no hard links answer. */
const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** False when the file is there already. */
async function createOwnerFile(file: string, owner: Owner): Promise<boolean> {
  const draft = await writeDraft(file, owner);
  try {
    // Whole from its first moment, unlike a file that is opened and then written.
    await link(draft, file);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!WITHOUT_LINKS.has(code)) throw error;
    return createDirectly(file, owner);
  } finally {
    await rm(draft, { force: true });
  }
}

async function createDirectly(file: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function replaceOwnerFile(file: string, owner: Owner): Promise<void> {
  await rename(await writeDraft(file, owner), file);
}

/** Needs no room on the disk; a folder that was removed in the meantime needs no release. */
async function emptyOwnerFile(file: string): Promise<void> {
  await truncate(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function writeDraft(file: string, owner: Owner): Promise<string> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  return draft;
}

/** Null when there is no owner, or none that can be understood. */
async function readOwnerFile(file: string): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch {
    return null;
  }
}
