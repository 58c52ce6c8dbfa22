import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import {
  endProcess,
  identifyProcess,
  isGroupRunning,
  isRunning,
  readCommandLine,
  readParentPid,
  signalProcess,
} from '../../src/system/processes.js';

const NOBODY = 4_194_999;

async function start(script: string, detached = false) {
  const child = spawn(process.execPath, ['-e', `${script}; console.log(1)`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached,
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await once(child.stdout, 'data');
  const { pid = 0 } = child;
  const identity = await identifyProcess(pid);
  if (identity === null) throw new Error('it did not start');
  return { child, pid, identity, exited };
}

const IDLE = 'setInterval(() => {}, 1000)';

test('a process is told apart from a later one with its pid', async () => {
  const { identity } = await start(IDLE);
  expect(await isRunning(identity)).toBe(true);
  expect(await isRunning({ ...identity, startTime: `${identity.startTime}0` })).toBe(false);
  expect(await identifyProcess(NOBODY)).toBeNull();
});

test('a process says what it runs and whose child it is', async () => {
  const { pid } = await start(IDLE);
  expect(await readCommandLine(pid)).toContain(process.execPath);
  expect(await readParentPid(pid)).toBe(process.pid);
  expect(await readCommandLine(NOBODY)).toBeNull();
  expect(await readParentPid(NOBODY)).toBeNull();
});

test('ending a process asks it first', async () => {
  const { identity, exited } = await start(`process.on('SIGTERM', () => process.exit(7)); ${IDLE}`);
  await endProcess(identity);
  expect(await exited).toEqual([7, null]);
  expect(await isRunning(identity)).toBe(false);
  await endProcess(identity);
});

test('ending a process that does not listen kills it', async () => {
  const { identity, exited } = await start(`process.on('SIGTERM', () => {}); ${IDLE}`);
  await endProcess(identity, 100);
  expect(await exited).toEqual([null, 'SIGKILL']);
});

test('a group runs until its last process has ended', async () => {
  const script = `require('child_process').spawn(process.execPath, ['-e', '${IDLE}']); ${IDLE}`;
  const { child, pid, exited } = await start(script, true);
  expect(await isGroupRunning(pid)).toBe(true);
  child.kill('SIGKILL');
  await exited;
  expect(await isGroupRunning(pid)).toBe(true);
  signalProcess(-pid, 'SIGKILL');
  while (await isGroupRunning(pid)) await new Promise(setImmediate);
  expect(signalProcess(NOBODY, 'SIGTERM')).toBe(false);
});
