import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installFolder, type Program, processesOfGroup, startProgram, until } from './processes.js';
import { type Device, type StandIn, startStandIn } from './support.js';

let standIn: StandIn;
/** A folder with a linked LocalAuth session that all tests here start from, one after the other. */
let folder: string;
let device: Device;

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

function start(options: { client?: object; strategy?: object; setup?: string } = {}): Program {
  const script = `
    const { Client, LocalAuth } = require('holdfast');
    const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
    const { args, client: options, strategy } = JSON.parse(process.env.CASE);
    const client = new Client({ ...options, authStrategy: new LocalAuth(strategy), puppeteer: { args } });
    client.on('qr', (qr) => say('qr', qr));
    client.on('ready', () => say('ready', client.pupBrowser.process().pid));
    ${options.setup ?? ''}
    client.initialize();
  `;
  const { client = {}, strategy = {} } = options;
  const env = { CASE: JSON.stringify({ args: standIn.launchArgs, client, strategy }) };
  return startProgram(script, { folder, env });
}

function exitType(): string {
  const file = path.join(folder, '.wwebjs_auth/session/Default/Preferences');
  return JSON.parse(readFileSync(file, 'utf8')).profile.exit_type;
}

test('SIGTERM right after the first ready closes the browser properly: the login is kept', async () => {
  folder = installFolder();
  const program = start();
  device = await standIn.phone.scan(await program.until('qr'));
  const group = await program.until<number>('ready');
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: null, signal: 'SIGTERM' });
  expect(processesOfGroup(group)).toEqual([]);
  expect(exitType()).toBe('Normal');
});

test.each(['SIGINT', 'SIGHUP'] as const)(
  '%s closes the browser, then ends the process',
  async (signal) => {
    const program = start();
    const group = await program.until<number>('ready');
    program.kill(signal);
    expect(await program.exited).toEqual({ code: null, signal });
    expect(processesOfGroup(group)).toEqual([]);
    expect(exitType()).toBe('Normal');
    expect(program.names()).toEqual(['ready']);
  },
);

test("SIGINT twice at once, as a terminal and npm send it, does not cut the browser's end short", async () => {
  const program = start();
  const group = await program.until<number>('ready');
  program.kill('SIGINT');
  program.kill('SIGINT');
  setTimeout(() => program.kill('SIGINT'), 50);
  expect(await program.exited).toEqual({ code: null, signal: 'SIGINT' });
  expect(processesOfGroup(group)).toEqual([]);
  expect(exitType()).toBe('Normal');
});

test("a program's own listener decides whether the process ends; the browser is closed", async () => {
  const setup = `
    process.once('SIGTERM', async () => {
      say('told');
      await client.destroy();
      await new Promise(setImmediate);
      say('closed', process.listenerCount('SIGTERM'));
      await client.initialize();
      client.once('ready', () => client.destroy());
    });
  `;
  const program = start({ setup });
  const group = await program.until<number>('ready');
  program.kill('SIGTERM');
  expect(await program.until('closed')).toBe(0);
  expect(processesOfGroup(group)).toEqual([]);
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.names()).toEqual(['ready', 'told', 'closed', 'ready']);
});

test.each([
  ['Client', { client: { handleSignals: false } }],
  ['LocalAuth', { strategy: { handleSignals: false } }],
])('handleSignals: false of the %s leaves signals to others', async (_, options) => {
  const setup = `client.on('ready', () => say('listeners', process.listenerCount('SIGTERM')));`;
  const program = start({ ...options, setup });
  const group = await program.until<number>('ready');
  expect(await program.until('listeners')).toBe(0);
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: null, signal: 'SIGTERM' });
  // The browser notices that its pipe is closed, and ends properly by itself.
  await until('end of the browser', () => processesOfGroup(group).length === 0, 5000);
  expect(exitType()).toBe('Normal');
});

test('after all of these the session is whole', async () => {
  const program = start({ setup: `client.on('ready', () => client.destroy());` });
  await program.until('ready');
  await program.exited;
  expect(program.names()).toEqual(['ready']);
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
});
