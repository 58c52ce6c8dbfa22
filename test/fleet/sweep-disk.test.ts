import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sweepDisk } from '../../src/fleet/sweep-disk.js';
import { claimProfile } from '../../src/profile/profile-claim.js';
import { CHROMIUM } from '../standin/stand-in.js';

let disk: string;
let dataPath: string;
let temporary: string;
let browser: ChildProcess | undefined;

beforeEach(async () => {
  disk = await mkdtemp(path.join(tmpdir(), 'test-sweep-'));
  dataPath = path.join(disk, 'data');
  temporary = path.join(disk, 'tmp');
  await mkdir(path.join(dataPath, 'RemoteAuth-sales'), { recursive: true });
  await mkdir(temporary);
});

afterEach(async () => {
  killBrowser();
  await rm(disk, { recursive: true, force: true, maxRetries: 5 });
});

function killBrowser(): void {
  if (browser?.pid === undefined || browser.exitCode !== null || browser.signalCode) return;
  process.kill(-browser.pid, 'SIGKILL');
}

/** As a worker that is killed with its browsers leaves it. */
async function leaveBrowserBehind(profile: string): Promise<void> {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`];
  browser = spawn(CHROMIUM, args, {
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
    detached: true,
  });
  const exited = once(browser, 'exit');
  const written = ['SingletonSocket', 'Default'].map((name) => path.join(profile, name));
  while (!written.every((file) => existsSync(file))) await sleep(50);
  killBrowser();
  await exited;
}

test('what a killed browser has left in the temporary folder goes', async () => {
  const profile = path.join(dataPath, 'RemoteAuth-sales');
  await leaveBrowserBehind(profile);
  const isLock = (name: string) => /Chromium/.test(name);
  expect((await readdir(temporary)).filter(isLock)).not.toEqual([]);
  await sweepDisk(dataPath);
  expect((await readdir(temporary)).filter(isLock)).toEqual([]);
  expect(await readdir(profile)).not.toContain('SingletonLock');
  expect((await stat(path.join(profile, 'Default'))).isDirectory()).toBe(true);
});

test('a profile that is in use, other folders and a disk that is not there are left alone', async () => {
  const claim = await claimProfile(path.join(dataPath, 'RemoteAuth-sales'));
  await mkdir(path.join(dataPath, 'photos'));
  await sweepDisk(dataPath);
  await sweepDisk(path.join(disk, 'nowhere'));
  expect(await readdir(path.join(dataPath, 'photos'))).toEqual([]);
  await expect(claimProfile(path.join(dataPath, 'RemoteAuth-sales'))).rejects.toMatchObject({
    code: 'PROFILE_IN_USE',
  });
  await claim.release();
});
