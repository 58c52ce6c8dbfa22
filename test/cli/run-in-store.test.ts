import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { LeaseHolder } from '../../src/snapshot/lease/lease-held-error.js';
import { readWorker } from '../../src/snapshot/lease/read-worker.js';
import type { Device, StandIn } from '../../src/standin/index.js';
import { FileStore } from '../../src/stores/file-store.js';
import { startStandIn } from '../standin/stand-in.js';
import { RunningCommand } from './command.js';

let standIn: StandIn;
let folder: string;
const running = new Set<RunningCommand>();

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'test-cli-store-'));
  await writeFile(path.join(folder, 'key'), Buffer.alloc(32, 9), { mode: 0o600 });
});
afterEach(async () => {
  for (const command of running) command.signal('SIGTERM');
  await Promise.all([...running].map(({ ended }) => ended));
  running.clear();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function holdfast(args: string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  const options = { cwd: folder, launchArgs: standIn.launchArgs };
  const command = new RunningCommand(args, { ...options, env });
  running.add(command);
  return command;
}

/** On a disk of its own, in the default store of the test's folder, with a key. */
function run(disk: string, ...args: string[]): RunningCommand {
  return holdfast(['run', '--json', '--key-file', 'key', '--data-path', disk, ...args]);
}

/** What a command of one answer says. */
async function ask(...args: string[]): Promise<{ code: number | null; json: unknown }> {
  const command = holdfast([...args, '--json'], { HOLDFAST_KEY_FILE: 'key' });
  const code = await command.ended;
  return { code, json: JSON.parse(command.output) };
}

async function link(command: RunningCommand): Promise<Device> {
  const { qr } = await command.untilEvent('qr');
  const device = await standIn.phone.scan(qr as string);
  await command.untilEvent('ready');
  await command.untilEvent('session_saved');
  return device;
}

async function stop(command: RunningCommand): Promise<void> {
  command.signal('SIGTERM');
  expect(await command.ended, command.output).toBe(0);
}

function names(command: RunningCommand): string[] {
  return command.events.map(({ event }) => event);
}

/** Rejects when the worker is gone. */
async function untilRenewed(worker: string, times: number): Promise<void> {
  const store = new FileStore({ path: path.join(folder, 'sessions') });
  const beats = new Set<string>();
  await vi.waitUntil(
    async () => {
      const found = await readWorker(store, worker);
      if (found === null) throw new Error('the worker has left');
      return beats.add(found.cell.beat).size > times;
    },
    { timeout: 30_000 },
  );
}

test('a session comes back from the store on an empty disk, without a code', async () => {
  const first = run('disk-1', '--session', 'shop');
  const device = await link(first);
  const name = { session: 'RemoteAuth-shop', keptIn: 'file:./sessions' };
  expect(await first.untilEvent('starting')).toMatchObject(name);
  expect(await first.untilEvent('session_saved')).toMatchObject({ ...name, reason: 'ready' });
  expect(names(first)).not.toContain('warning');
  await device.receive({ body: 'one more' });
  await stop(first);
  const saves = first.events.filter(({ event }) => event === 'session_saved');
  expect((await ask('ls')).json).toMatchObject([{ session: 'RemoteAuth-shop', sealed: true }]);

  // As `holdfast ls` names it.
  const second = run('disk-2', '--session', 'RemoteAuth-shop');
  await second.untilEvent('ready');
  expect(await second.untilEvent('session_restored')).toMatchObject({
    ...name,
    from: 'store',
    sequence: saves.at(-1)?.sequence,
    bytes: expect.any(Number),
    skipped: [],
  });
  expect(names(second)).not.toContain('qr');
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
  await stop(second);
});

test('without a key it is said that the session is not sealed, and each start says where it comes from', async () => {
  const args = ['run', '--json', '--store', 'file:./elsewhere'];
  const first = holdfast(args);
  await link(first);
  expect(await first.untilEvent('warning')).toMatchObject({
    code: 'NOT_SEALED',
    message: expect.stringContaining('NOT sealed'),
  });
  await stop(first);
  const second = holdfast(args);
  expect(await second.untilEvent('session_restored')).toMatchObject({ from: 'disk' });
  await second.untilEvent('ready');
  await stop(second);
});

test('a profile on disk that has lost its login is replaced by that of the store', async () => {
  const first = run('disk');
  const device = await link(first);
  await stop(first);
  const unlinked = run('unlinked', '--session', 'other');
  await unlinked.untilEvent('qr');
  await stop(unlinked);
  const profile = path.join(folder, 'disk/RemoteAuth/Default');
  await rm(profile, { recursive: true });
  await rename(path.join(folder, 'unlinked/RemoteAuth-other/Default'), profile);

  const second = run('disk');
  await second.untilEvent('ready');
  expect(names(second).filter((name) => name === 'starting')).toHaveLength(1);
  expect(names(second)).toContain('auth_failure');
  expect(names(second)).not.toContain('qr');
  expect(device).toMatchObject({ linked: true, lost: 0 });
  await stop(second);
});

test('while one holds a session, it is shown, nobody changes it, and a second run waits for it', async () => {
  const first = run('disk-1');
  const device = await link(first);
  const holder = { host: hostname(), pid: first.pid };
  expect((await ask('ls')).json).toMatchObject([{ session: 'RemoteAuth', holder }]);
  expect((await ask('show')).json).toMatchObject({ session: 'RemoteAuth', holder });
  const table = holdfast(['ls']);
  await table.untilOutput(new RegExp(`process ${first.pid} on ${hostname()}`));

  const second = run('disk-2');
  const waiting = await second.untilEvent('lease_waiting');
  expect(waiting.holder).toMatchObject({ ...holder, termMs: 15_000 });
  const refused = {
    code: 11,
    json: {
      error: { code: 'LEASE_HELD', message: expect.stringContaining(`process ${first.pid} on `) },
    },
  };
  const changes = [
    ask('rm', '--yes'),
    ask('import', 'none.zip'),
    ask('save', 'disk-1/RemoteAuth'),
    ask('repair'),
  ];
  for (const change of changes) expect(await change).toMatchObject(refused);
  const third = run('disk-3', '--on-lease-held', 'fail');
  expect(await third.ended).toBe(11);
  expect(third.events.at(-1)).toMatchObject({ event: 'error', code: 'LEASE_HELD' });

  expect(names(second)).not.toContain('ready');
  await stop(first);
  await second.untilEvent('ready');
  expect(names(second)).not.toContain('qr');
  expect(device).toMatchObject({ linked: true, lost: 0, maxConnections: 1 });
  await stop(second);
  expect((await ask('ls')).json).toMatchObject([{ session: 'RemoteAuth', holder: null }]);
  expect(await ask('rm', '--yes')).toMatchObject({ code: 0 });
});

test('who loses the session to a takeover waits for it, and gets it back', async () => {
  const first = run('disk-1', '--on-lease-held', 'takeover');
  const device = await link(first);
  const second = run('disk-2', '--on-lease-held', 'takeover');
  await second.untilEvent('ready');
  expect(await first.untilEvent('disconnected')).toMatchObject({ reason: 'LEASE_LOST' });
  expect(await first.untilEvent('lease_lost')).toMatchObject({ error: { code: 'LEASE_LOST' } });
  await first.untilEvent('restarting');
  const { holder } = (await first.untilEvent('lease_waiting')) as { holder?: LeaseHolder };
  expect(holder).toMatchObject({ pid: second.pid });
  // Had it been asked, it would have given way by now.
  await untilRenewed(holder?.worker ?? '', 2);
  const lost = first.lines.length;
  await stop(second);
  await first.untilEvent('ready', lost);
  expect(device).toMatchObject({ linked: true, lost: 0, maxConnections: 1 });
  await stop(first);
});

test('who may not wait ends with status 11 when the session is taken over', async () => {
  const first = run('disk-1', '--on-lease-held', 'fail');
  await link(first);
  const second = run('disk-2', '--on-lease-held', 'takeover');
  expect(await first.ended).toBe(11);
  await second.untilEvent('ready');
  await stop(second);
});

test('a session whose process was killed is free at once, on the same machine', async () => {
  const first = run('disk-1');
  await link(first);
  first.signal('SIGKILL');
  await first.ended;
  expect((await ask('ls')).json).toMatchObject([{ session: 'RemoteAuth', holder: null }]);
  expect(await ask('save', 'disk-1/RemoteAuth')).toMatchObject({ code: 0 });
  const second = run('disk-1');
  await second.untilEvent('ready');
  second.signal('SIGKILL');
  await second.ended;
  expect(await ask('rm', '--yes')).toMatchObject({ code: 0 });
});

test('a session that was never linked is listed only while somebody holds it', async () => {
  const command = run('disk');
  await command.untilEvent('qr');
  const held = [{ session: 'RemoteAuth', snapshots: 0, holder: { pid: command.pid } }];
  expect((await ask('ls')).json).toMatchObject(held);
  expect((await ask('show')).json).toMatchObject({ snapshots: [], newest: null });
  await stop(command);
  expect((await ask('ls')).json).toEqual([]);
  expect(await ask('show')).toMatchObject({ code: 8 });
});

test('a store that fails is told of, and so is that it works again', async () => {
  const command = run('disk');
  const device = await link(command);
  await rename(path.join(folder, 'sessions'), path.join(folder, 'away'));
  await device.receive({ body: 'not to be saved yet' });
  expect(await command.untilEvent('session_save_failed')).toMatchObject({
    session: 'RemoteAuth',
    error: { code: expect.stringMatching(/^STORE_/), message: expect.any(String) },
    nextTryMs: expect.any(Number),
  });
  const failed = command.lines.length;
  await rename(path.join(folder, 'away'), path.join(folder, 'sessions'));
  await command.untilEvent('session_saved', failed);
  await stop(command);
});
