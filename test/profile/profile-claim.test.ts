import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { claimProfile } from '../../src/profile/profile-claim.js';
import { identifyProcess, type ProcessIdentity } from '../../src/system/processes.js';
import { temporaryFolder } from './support/temporary-folder.js';

const OWNER_FILE = 'holdfast-owner-7.json';
const inUseBy = (pid: number) => ({
  code: 'PROFILE_IN_USE',
  message: expect.stringMatching(new RegExp(`\\b${pid}\\b`)),
});

/** A process that does nothing, with these arguments on its command line. */
async function startProcess(...args: string[]): Promise<ChildProcess & { pid: number }> {
  const idle = 'console.log(1); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ['-e', idle, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  return child as never;
}

async function identityOf(pid: number): Promise<ProcessIdentity> {
  const identity = await identifyProcess(pid);
  if (identity === null) throw new Error(`no process ${pid}`);
  return identity;
}

async function profileOwnedBy(owner: object): Promise<string> {
  const profile = await temporaryFolder();
  const whole = { host: hostname(), browser: null, ...owner };
  await writeFile(path.join(profile, OWNER_FILE), JSON.stringify(whole));
  return profile;
}

async function expectClaimed(profile: string): Promise<void> {
  const claim = await claimProfile(profile);
  const [file = '', ...others] = readdirSync(profile);
  expect(others).toEqual([]);
  const owner = JSON.parse(readFileSync(path.join(profile, file), 'utf8'));
  expect(owner.process.pid).toBe(process.pid);
  await claim.release();
  await claim.release();
}

test('a profile is claimed once, also within one process, until it is released', async () => {
  const profile = await temporaryFolder();
  const claim = await claimProfile(profile);
  await expect(claimProfile(profile)).rejects.toMatchObject(inUseBy(process.pid));
  await claim.release();
  await expectClaimed(profile);
});

test('of many who come at once exactly one gets it', async () => {
  for (let round = 0; round < 20; round++) {
    // Over the claim of a dead process, which each of them wants to clear away.
    const dead = { pid: process.pid, startTime: 'before the last boot' };
    const profile = round % 2 ? await temporaryFolder() : await profileOwnedBy({ process: dead });
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => claimProfile(profile)));
    const winners = claims.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const claim of claims) {
      if (claim.status === 'fulfilled') await claim.value.release();
      else expect(claim.reason).toMatchObject(inUseBy(process.pid));
    }
    expect(readdirSync(profile)).toHaveLength(1);
  }
});

test('a living owner keeps its profile, and is named', async () => {
  const other = await startProcess();
  const profile = await profileOwnedBy({ process: await identityOf(other.pid) });
  await expect(claimProfile(profile)).rejects.toMatchObject(inUseBy(other.pid));
  other.kill('SIGKILL');
  await once(other, 'exit');
  await expectClaimed(profile);
});

test('a process that has an owner’s pid by chance does not keep a profile', async () => {
  const other = await startProcess();
  const owner = { ...(await identityOf(other.pid)), startTime: 'earlier' };
  await expectClaimed(await profileOwnedBy({ process: owner }));
});

test('the owner of another host, and one that cannot be read, do not keep a profile', async () => {
  const self = await identityOf(process.pid);
  await expectClaimed(await profileOwnedBy({ host: 'another-container', process: self }));
  const profile = await temporaryFolder();
  await writeFile(path.join(profile, OWNER_FILE), '{"host":');
  await expectClaimed(profile);
});

test('the browser that a dead owner left behind is ended', async () => {
  const browser = await startProcess('--user-data-dir=/somewhere');
  const gone = once(browser, 'exit');
  const dead = { pid: browser.pid, startTime: 'earlier' };
  const profile = await profileOwnedBy({ process: dead, browser: await identityOf(browser.pid) });
  await expectClaimed(profile);
  expect(await gone).toEqual([null, 'SIGTERM']);
});

test('a process that has such a browser’s pid by chance is left alone', async () => {
  const innocent = await startProcess();
  const dead = { pid: innocent.pid, startTime: 'earlier' };
  await expectClaimed(await profileOwnedBy({ process: dead, browser: dead }));
  expect(innocent.exitCode).toBeNull();
  expect(innocent.signalCode).toBeNull();
});

test('the lock of a browser that somebody else runs on the profile is respected', async () => {
  const profile = await temporaryFolder();
  const browser = await startProcess(`--user-data-dir=${profile}`);
  await symlink(`${hostname()}-${browser.pid}`, path.join(profile, 'SingletonLock'));
  await expect(claimProfile(profile)).rejects.toMatchObject(inUseBy(browser.pid));
  expect(lstatSync(path.join(profile, 'SingletonLock')).isSymbolicLink()).toBe(true);
  browser.kill('SIGKILL');
  await once(browser, 'exit');
  await expectClaimed(profile);
});

test('the lock of a living process that is no browser of the profile is cleared', async () => {
  const profile = await temporaryFolder();
  const other = await startProcess('--user-data-dir=/elsewhere');
  await symlink(`${hostname()}-${other.pid}`, path.join(profile, 'SingletonLock'));
  await expectClaimed(profile);
  expect(other.exitCode).toBeNull();
});

test('the lock of another host and of a dead process are cleared', async () => {
  for (const lock of ['another-host-1', `${hostname()}-4194999`]) {
    const profile = await temporaryFolder();
    await symlink(lock, path.join(profile, 'SingletonLock'));
    await expectClaimed(profile);
  }
});
