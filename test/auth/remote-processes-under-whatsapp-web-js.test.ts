import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHead } from '../../src/snapshot/open-session.js';
import {
  installFolder,
  type Program,
  processesOfGroup,
  processesWithEnvironment,
  until,
} from '../client/processes.js';
import { type Device, FileStore, type StandIn } from '../client/support.js';
import {
  countOf,
  DESTROY,
  LOGOUT,
  newStorePath,
  type RemoteProgramOptions,
  startRemoteProgram,
  startSlowStandIn,
} from './whatsapp-web-js.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startSlowStandIn();
});
afterAll(() => standIn.close());

type Options = Partial<Omit<RemoteProgramOptions, 'store'>>;

const headOf = async (store: string) =>
  (await readHead(new FileStore({ path: store }), 'RemoteAuth'))?.decoded.head ?? null;

const start = (store: string, options: Options = {}) =>
  startRemoteProgram(standIn, { store, folder: installFolder(), ...options });

/** Scans the program's QR; resolves when what was linked is in the store. */
async function linkProgram(program: Program): Promise<Device> {
  const qr = await program.until<string>('qr');
  // whatsapp-web.js attaches to the page after it has emitted the QR.
  await program.until('initialized');
  const device = await standIn.phone.scan(qr);
  await program.until('remote_session_saved');
  return device;
}

const untilNth = (program: Program, event: string, times: number) =>
  until(
    `${event} × ${times}; ${program.names()}; ${program.stderr}`,
    () => countOf(program, event) >= times,
  );

/** Ends it by a signal, and expects that nothing went wrong until then. */
async function end(program: Program): Promise<void> {
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: null, signal: 'SIGTERM' });
  expect(program.stderr).toBe('');
}

/** It has nothing more to do: no timer, socket or browser of ours keeps it, nor an error ends it. */
async function expectToEndByItself(program: Program): Promise<void> {
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.stderr).toBe('');
}

/** Opens the store in a new process on an empty disk. */
async function expectToOpen(store: string, device: Device): Promise<void> {
  const next = start(store);
  await next.until('ready');
  expect(next.names()).not.toContain('qr');
  await end(next);
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
}

describe('a process with whatsapp-web.js and RemoteAuth', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`that gets ${signal} closes the browser, saves, releases, and ends by it`, async () => {
      const store = newStorePath();
      const folder = installFolder();
      const first = start(store, { folder });
      const device = await linkProgram(first);
      await device.receive({ body: 'the last one' });
      first.kill(signal);
      expect(await first.exited).toEqual({ code: null, signal });
      const preferences = path.join(folder, '.wwebjs_auth/RemoteAuth/Default/Preferences');
      expect(JSON.parse(readFileSync(preferences, 'utf8')).profile.exit_type).toBe('Normal');
      expect((await headOf(store))?.owner).toBeNull();
      await expectToOpen(store, device);
    });
  }

  for (const whom of ['node', 'the browser', 'node and the browser'] as const) {
    test(`whose ${whom} is killed at the first save comes back without its disk`, async () => {
      const store = newStorePath();
      const folder = installFolder();
      const first = start(store, { folder });
      const device = await linkProgram(first);
      const browser = await first.until<number>('ready');
      if (whom !== 'node') process.kill(-browser, 'SIGKILL');
      first.kill('SIGKILL');
      await first.exited;
      await until('end of the browser', () => processesOfGroup(browser).length === 0);
      expect(readdirSync(path.join(folder, '.wwebjs_auth'))).toEqual(['RemoteAuth']);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      await expectToOpen(store, device);
    });
  }

  test('that logs out ends by itself, and nothing is left', async () => {
    const store = newStorePath();
    const first = start(store);
    const device = await linkProgram(first);
    first.kill(LOGOUT);
    await first.until('logout is done');
    await expectToEndByItself(first);
    expect(device.linked).toBe(false);
    expect(await headOf(store)).toMatchObject({ state: 'logged-out', owner: null, snapshots: [] });
    expect(processesWithEnvironment(store)).toEqual([]);
  });
});

describe('two processes with one session under whatsapp-web.js', () => {
  const remote = { leaseTermMs: 3000 };

  test('the second waits until the first has closed', async () => {
    const store = newStorePath();
    const first = start(store, { remote });
    const device = await linkProgram(first);
    const second = start(store, { remote });
    expect(await second.until('lease_waiting')).toMatchObject({ holder: { pid: first.pid } });
    await device.receive({ body: 'to the first' });
    expect(second.names()).toEqual(['lease_waiting']);
    expect(first.names()).not.toContain('disconnected');
    first.kill(DESTROY);
    await first.until('destroy is done');
    await second.until('ready');
    expect(second.names()).not.toContain('qr');
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
    await expectToEndByItself(first);
    await end(second);
  });

  test('one that was stopped for its whole term gives up when it goes on', async () => {
    const store = newStorePath();
    const first = start(store, { remote });
    const device = await linkProgram(first);
    first.kill('SIGSTOP');
    const second = start(store, { remote });
    await second.until('ready');
    await device.receive({ body: 'to the second' });
    const connections = device.connectionCount;
    first.kill('SIGCONT');
    expect(await first.until('lease_lost')).toMatchObject({ session: 'RemoteAuth' });
    await first.until('disconnected');
    await device.receive({ body: 'to the second, still' });
    expect(second.names()).not.toContain('disconnected');
    expect(device.connectionCount).toBe(connections);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
    await expectToEndByItself(first);
    await end(second);
  });
});

test('a process that was stopped for less than its term comes back by itself', async () => {
  const store = newStorePath();
  const first = start(store, { remote: { leaseTermMs: 6000 } });
  const device = await linkProgram(first);
  const readies = countOf(first, 'ready');
  first.kill('SIGSTOP');
  // The fence of its page strikes.
  await device.waitUntilDisconnected();
  first.kill('SIGCONT');
  await device.waitUntilSynced({ timeoutMs: 45_000 });
  await untilNth(first, 'ready', readies + 1);
  const messages = countOf(first, 'message');
  await device.receive({ body: 'once more' });
  await untilNth(first, 'message', messages + 1);
  await end(first);
  // It has attached to the page once, not twice.
  expect(countOf(first, 'message')).toBe(messages + 1);
  expect(countOf(first, 'disconnected')).toBe(0);
  await expectToOpen(store, device);
});
