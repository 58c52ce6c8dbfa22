import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SessionView } from '../../src/fleet/session-view.js';
import type { StandIn } from '../../src/standin/index.js';
import { EventReader } from '../server/support/event-reader.js';
import { startStandIn } from '../standin/stand-in.js';
import { RunningCommand, type SaidEvent } from './command.js';

const TOKEN = 'admin-token-for-the-tests';
let standIn: StandIn;
let folder: string;
const running = new Set<RunningCommand>();

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'test-cli-serve-'));
  await writeFile(path.join(folder, 'key'), Buffer.alloc(32, 9), { mode: 0o600 });
});
afterEach(async () => {
  for (const command of running) command.signal('SIGTERM');
  await Promise.all([...running].map(({ ended }) => ended));
  running.clear();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function serve(args: string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  const options = { cwd: folder, launchArgs: standIn.launchArgs, env };
  const command = new RunningCommand(['serve', '--port', '0', '--log', 'json', ...args], options);
  running.add(command);
  return command;
}

/** A worker on a disk of its own. @returns where it is */
async function startWorker(disk: string): Promise<{ url: string; command: RunningCommand }> {
  const args = [
    '--key-file',
    'key',
    '--data-path',
    disk,
    '--capacity',
    '4',
    '--lease-term',
    '4000',
  ];
  const command = serve(args, { HOLDFAST_ADMIN_TOKEN: TOKEN });
  const { url } = (await command.untilEvent('serving')) as SaidEvent & { url: string };
  return { url, command };
}

const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };

function post(url: string, path: string, body: unknown): Promise<Response> {
  return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('two workers share sessions: linked through either, used through either, handed over at the end', async () => {
  const one = await startWorker('one');
  const other = await startWorker('other');
  await post(one.url, '/api/v1/sessions', { id: 'sales' });
  const events = new EventReader(await fetch(`${other.url}/api/v1/events`, { headers }));
  await events.until('session', ({ state }: SessionView) => state === 'qr');
  const qr = await fetch(`${other.url}/api/v1/sessions/sales/qr.txt`, { headers });
  const device = await standIn.phone.scan(await qr.text());
  const ready: SessionView = await events.until('session', ({ state }) => state === 'ready');

  const json = { to: '12025550199', text: 'Hello' };
  for (const { url } of [one, other]) {
    expect((await post(url, '/api/v1/sessions/sales/messages', json)).status).toBe(201);
  }
  expect(device.sent).toHaveLength(2);
  await events.until('session', ({ lastSave }: SessionView) => lastSave !== null);
  await events.close();

  const [holder, heir] = ready.worker?.address === one.url ? [one, other] : [other, one];
  const heard = new EventReader(await fetch(`${heir.url}/api/v1/events`, { headers }));
  holder.command.signal('SIGTERM');
  expect(await holder.command.ended).toBe(0);
  await heard.until(
    'session',
    ({ state, worker }: SessionView) => state === 'ready' && worker?.address === heir.url,
  );
  const answer = await fetch(`${heir.url}/api/v1/sessions/sales/snapshots`, { headers });
  expect(((await answer.json()) as { snapshots: unknown[] }).snapshots.length).toBeGreaterThan(0);
  expect(device.linked).toBe(true);
  await heard.close();
});

function networkAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}

test('makes tokens at the first start, shows them once, and keeps only their hashes', async () => {
  const first = serve(['--key-file', 'key']);
  const { url } = (await first.untilEvent('serving')) as SaidEvent & { url: string };
  const shown = /admin {3}(\S{43})\n {2}viewer {2}(\S{43})/.exec(first.errors.join('\n'));
  const [, admin = '', viewer = ''] = shown ?? [];
  const roleOf = async (token: string) => {
    const answer = await fetch(`${url}/auth/me`, { headers: { Authorization: `Bearer ${token}` } });
    return ((await answer.json()) as { role: string }).role;
  };
  expect([await roleOf(admin), await roleOf(viewer)]).toEqual(['admin', 'viewer']);
  // Nothing but this machine reaches it, unless told otherwise.
  for (const address of networkAddresses()) {
    await expect(fetch(`http://${address}:${new URL(url).port}/healthz`)).rejects.toThrow();
  }
  const file = path.join(folder, '.wwebjs_auth', 'holdfast-tokens.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const kept = await readFile(file, 'utf8');
  expect([kept.includes(admin), kept.includes(viewer)]).toEqual([false, false]);
  first.signal('SIGTERM');
  expect(await first.ended).toBe(0);

  const second = serve(['--key-file', 'key']);
  await second.untilEvent('serving');
  expect([...second.errors, ...second.lines].join('\n')).not.toMatch(/Tokens|admin {3}/);
});

test('what keeps it from starting is said in one error, with a status', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const key = ['--key-file', 'key'];
  const failures = [
    [serve([]), 9, 'KEY_MISSING'],
    [serve([...key, '--without-key']), 2, 'INVALID_OPTION'],
    [serve([...key, '--port', port]), 2, 'ADDRESS_UNUSABLE'],
    [serve([...key, '--public-url', 'https://example.com/path']), 2, 'INVALID_OPTION'],
    [serve(key, { HOLDFAST_ADMIN_TOKEN: 'short' }), 2, 'INVALID_OPTION'],
    [serve(key, { HOLDFAST_FLEET_SECRET: 'short' }), 2, 'INVALID_OPTION'],
  ] as const;
  for (const [command, status, code] of failures) {
    expect([await command.ended, command.errors.at(-1)]).toEqual([
      status,
      expect.stringMatching(`^Error ${code}: `),
    ]);
    expect(command.errors.filter((line) => line.startsWith('Error'))).toHaveLength(1);
  }
  await new Promise((resolve) => taken.close(resolve));
});
