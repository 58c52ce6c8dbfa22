import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BUILD } from '../client/support.js';

/** Runs a script that may use `onShutdown`; `tell()` writes a line. */
function start(script: string) {
  const module = JSON.stringify(path.join(BUILD, 'system/shutdown.js'));
  const prelude = `
    const { onShutdown } = require(${module});
    const tell = (line) => process.stdout.write(line + '\\n');
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['-e', `${prelude} ${script}; tell('up')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let said = '';
  const exited = once(child, 'close');
  child.stdout.on('data', (data) => {
    said += data;
  });
  const until = async (line: string) => {
    while (!said.split('\n').includes(line)) await once(child.stdout, 'data');
  };
  const lines = () => said.split('\n').filter(Boolean);
  return { child, exited, until, lines };
}

test('all closers have run when the process ends by the signal, a failing one included', async () => {
  const { child, exited, until, lines } = start(`
    onShutdown(async () => { await sleep(50); tell('one'); });
    onShutdown(async () => { throw new Error('cannot close'); });
    onShutdown(async () => { await sleep(100); tell('two'); });
  `);
  await until('up');
  child.kill('SIGTERM');
  expect(await exited).toEqual([null, 'SIGTERM']);
  expect(lines()).toEqual(['up', 'one', 'two']);
});

test('a closer taken off the list does not run, and the last one leaves no listener', async () => {
  const { child, exited, until, lines } = start(`
    const off = onShutdown(async () => tell('closed'));
    tell(process.listenerCount('SIGINT') + ' listener');
    off(); off();
    tell(process.listenerCount('SIGINT') + ' listeners');
  `);
  await until('up');
  child.kill('SIGINT');
  expect(await exited).toEqual([null, 'SIGINT']);
  expect(lines()).toEqual(['1 listener', '0 listeners', 'up']);
});

test('a signal that comes again after a second ends the process at once', async () => {
  const { child, exited, until } = start(`
    onShutdown(async () => { tell('closing'); await sleep(1200); tell('late'); await sleep(60000); });
  `);
  await until('up');
  child.kill('SIGINT');
  await until('closing');
  child.kill('SIGINT');
  await until('late');
  child.kill('SIGINT');
  expect(await exited).toEqual([null, 'SIGINT']);
});

test.each(['on', 'once'])(
  "with a listener of the program's own, added by process.%s, the process goes on",
  async (method) => {
    const { child, until, exited } = start(`
      process.${method}('SIGTERM', () => tell('heard'));
      onShutdown(async () => { await sleep(100); tell('closed'); });
    `);
    await until('up');
    child.kill('SIGTERM');
    await until('heard');
    await until('closed');
    child.kill('SIGINT');
    expect(await exited).toEqual([null, 'SIGINT']);
  },
);
