import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { StandIn } from '../../src/standin/index.js';
import { startStandIn } from '../standin/stand-in.js';
import { RunningCommand } from './command.js';

let standIn: StandIn;
let dataPath: string;
let running: RunningCommand | undefined;

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  dataPath = await mkdtemp(path.join(tmpdir(), 'test-cli-'));
});
afterEach(async () => {
  running?.signal('SIGTERM');
  await running?.ended;
  await rm(dataPath, { recursive: true, force: true, maxRetries: 5 });
});

function run(...args: string[]): RunningCommand {
  running = new RunningCommand(['run', '--local', '--json', '--data-path', dataPath, ...args], {
    launchArgs: standIn.launchArgs,
  });
  return running;
}

test('links once by QR, ends cleanly on Ctrl-C with status 0, and starts again without a code', async () => {
  const first = run('--session', 'shop');
  const { qr, validMs } = await first.untilEvent('qr');
  expect(validMs).toBe(60_000);
  await standIn.phone.scan(qr as string);
  expect(await first.untilEvent('ready')).toMatchObject({ account: '12025550108@c.us' });
  first.signal('SIGINT');
  expect(await first.ended).toBe(0);
  expect(first.events.at(-1)?.event).toBe('stopped');

  const second = run('--session', 'shop');
  await second.untilEvent('ready');
  expect(second.events.map(({ event }) => event)).not.toContain('qr');
  // npm and the terminal both send one.
  second.signal('SIGINT');
  second.signal('SIGINT');
  expect(await second.ended).toBe(0);
});

test('links by pairing code', async () => {
  const command = run('--pair', '+1 202 555-0108');
  const { code } = await command.untilEvent('code');
  await standIn.phone.enterCode(code as string);
  await command.untilEvent('ready');
  expect(command.events.map(({ event }) => event)).not.toContain('qr');
});

test('starts the browser again when it dies', async () => {
  const command = run();
  const { qr } = await command.untilEvent('qr');
  const device = await standIn.phone.scan(qr as string);
  await command.untilEvent('ready');
  const killed = command.lines.length;
  await killBrowserOn(dataPath);
  await command.untilEvent('restarting', killed);
  // So soon after linking the login may not be on disk yet: what counts is that it goes on.
  await Promise.race([command.untilEvent('ready', killed), command.untilEvent('qr', killed)]);
  device.unlink();
});

test('ends with status 6 when the session was opened elsewhere', async () => {
  const command = run();
  const { qr } = await command.untilEvent('qr');
  const device = await standIn.phone.scan(qr as string);
  await command.untilEvent('ready');
  device.conflict();
  expect(await command.ended).toBe(6);
  expect(await command.untilEvent('disconnected')).toMatchObject({ reason: 'CONFLICT' });
});

test.each([
  ['an unknown option', ['run', '--sesion', 'x'], {}, 2],
  ['a session name that is none', ['run', '--session', '../x'], {}, 2],
  ['a phone number that is none', ['run', '--pair', 'me'], {}, 2],
  ['a store for a login in a folder', ['run', '--local', '--store', 'file:./x'], {}, 2],
  ['a key for a login in a folder', ['run', '--local', '--key-file', 'key'], {}, 2],
  ['a demo on a session of the user', ['run', '--demo', '--session', 'x'], {}, 2],
  ['a store of an unknown kind', ['run', '--store', 'ftp://host'], {}, 2],
  ['a way to treat a holder that is none', ['run', '--on-lease-held', 'ask'], {}, 2],
  ['a key that is none', ['run'], { HOLDFAST_KEY: 'hunter2' }, 2],
  [
    'a browser that is not there',
    ['run', '--local'],
    { PUPPETEER_EXECUTABLE_PATH: '/no/browser' },
    3,
  ],
])('refuses %s in words and by its exit status', async (_what, args, env, status) => {
  const folder = args.includes('--local') ? ['--data-path', dataPath] : [];
  running = new RunningCommand([...args, ...folder], { env });
  expect(await running.ended).toBe(status);
  expect(running.output + running.errors.join('\n')).toMatch(/Error|error/);
});

test('ends with status 5 when the session folder cannot be used', async () => {
  const file = path.join(dataPath, 'file');
  await writeFile(file, '');
  running = new RunningCommand(['run', '--local', '--data-path', path.join(file, 'below')]);
  expect(await running.ended).toBe(5);
  expect(running.output).toMatch(/DATA_PATH_UNUSABLE.*a file is in the way/);
});

test('the help lists the options and what each exit status means', async () => {
  running = new RunningCommand(['run', '--help']);
  expect(await running.ended).toBe(0);
  const options = ['--session', '--store', '--key-file', '--passphrase-file', '--on-lease-held'];
  const others = ['--local', '--data-path', '--pair', '--demo', '--json', 'Exit status', ' 11  '];
  for (const word of [...options, ...others]) expect(running.output).toContain(word);
});

async function killBrowserOn(folder: string): Promise<void> {
  const { readdir, readFile } = await import('node:fs/promises');
  for (const pid of await readdir('/proc')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const isBrowser = command.includes(`--user-data-dir=${folder}`) && !command.includes('--type=');
    if (isBrowser) process.kill(Number(pid), 'SIGKILL');
  }
}
