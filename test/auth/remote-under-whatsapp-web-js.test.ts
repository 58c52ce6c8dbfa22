import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionSaved } from '../../src/index.js';
import { readHead } from '../../src/snapshot/open-session.js';
import { until } from '../client/processes.js';
import { collectWarnings, type Device, MemoryStore, type StandIn } from '../client/support.js';
import { newFolder, UnreliableStore } from './remote-sessions.js';
import {
  linkTheirs,
  navigateLate,
  PASSING_STATES,
  showState,
  startSlowStandIn,
  startTheirRemote,
  type TheirRemote,
} from './whatsapp-web-js.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startSlowStandIn();
});
afterAll(() => standIn.close());

type Memory = InstanceType<typeof MemoryStore>;

const headOf = async (store: Memory) => (await readHead(store, 'RemoteAuth'))?.decoded.head ?? null;
const workersIn = async (store: Memory) => {
  const keys: string[] = [];
  for await (const { key } of store.list('workers/')) keys.push(key);
  return keys;
};

/** Nobody holds the session, in the store as in this process. */
async function expectReleased(store: Memory, { authStrategy }: TheirRemote) {
  expect((await headOf(store))?.owner).toBeNull();
  expect(await workersIn(store)).toEqual([]);
  expect(authStrategy.isHeld).toBe(false);
}

/** The store is opened on an empty disk: no QR, nothing lost. */
async function expectToOpen(store: Memory, device: Device) {
  const next = startTheirRemote(standIn, { store });
  await next.emitted.until('ready');
  expect(next.emitted.of('qr')).toEqual([]);
  expect(next.emitted.of('session_restored')).toEqual([
    expect.objectContaining({ from: 'store', skipped: [] }),
  ]);
  await next.client.destroy();
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  return next;
}

describe('a login under whatsapp-web.js', () => {
  test('is saved at ready and at the end, and comes back on an empty disk', async () => {
    const store = new MemoryStore();
    const signals = process.listenerCount('SIGTERM');
    const first = startTheirRemote(standIn, { store });
    const device = await linkTheirs(standIn, first);
    const saved = await first.emitted.until<SessionSaved>('session_saved');
    expect(saved).toMatchObject({ session: 'RemoteAuth', generation: 1, reason: 'ready' });
    await device.receive({ body: 'one more' });
    await first.client.destroy();
    expect(first.emitted.names('remote_session_saved')).toHaveLength(1);
    await expectReleased(store, first);

    const second = await expectToOpen(store, device);
    expect(second.emitted.names('remote_session_saved')).toEqual([]);
    await expectReleased(store, second);
    expect(device.maxConnections).toBe(1);
    expect(process.listenerCount('SIGTERM')).toBe(signals);
  });

  test('is saved by one at a time, however often ready comes', async () => {
    const store = new MemoryStore();
    const first = startTheirRemote(standIn, { store, backupSyncIntervalMs: 100 });
    const device = await linkTheirs(standIn, first);
    await first.emitted.until('session_saved');
    // Once for the loss of the sync, and once more for its return.
    device.drop();
    await first.emitted.until('ready', 3);
    for (let n = 1; n <= 3; n++) {
      const seen = first.emitted.names('session_saved').length;
      await device.receive({ body: `message ${n}` });
      await first.emitted.until('session_saved', seen + 1);
    }
    expect(first.emitted.names('session_save_failed')).toEqual([]);
    const reasons = first.emitted.of<SessionSaved>('session_saved').map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'ready')).toHaveLength(1);
    expect(first.emitted.names('remote_session_saved')).toHaveLength(1);
  });

  test('that the phone ends stays in the store until the next one is saved', async () => {
    const store = new MemoryStore();
    const { client, emitted, ...first } = startTheirRemote(standIn, { store });
    const theirs = { client, emitted, ...first };
    const device = await linkTheirs(standIn, theirs);
    await emitted.until('session_saved');
    const before = (await headOf(store))?.snapshots.map(({ manifest }) => manifest.id) ?? [];
    const browser = client.pupBrowser?.process()?.pid;
    device.unlink();
    await emitted.until('qr', 2);
    const unlinked = await headOf(store);
    expect(unlinked?.state).toBe('unlinked');
    const kept = unlinked?.snapshots.map(({ manifest }) => manifest.id);
    expect(kept).toEqual(expect.arrayContaining(before));

    const relinked = await linkTheirs(standIn, theirs, 2);
    expect(client.pupBrowser?.process()?.pid).toBe(browser);
    await emitted.until('remote_session_saved', 2);
    const head = await headOf(store);
    expect(head?.state).toBe('linked');
    for (const { manifest } of head?.snapshots ?? []) expect(kept).not.toContain(manifest.id);
    await client.destroy();
    expect(emitted.names('remote_session_saved')).toHaveLength(2);
    await expectReleased(store, theirs);
    await expectToOpen(store, relinked);
  });

  test('that the phone ends is kept by a program that closes the client then', async () => {
    const store = new MemoryStore();
    const first = startTheirRemote(standIn, { store });
    const device = await linkTheirs(standIn, first);
    await first.emitted.until('session_saved');
    const destroyed = new Promise<void>((resolve) => {
      first.client.once('disconnected', () => resolve(first.client.destroy()));
    });
    device.unlink();
    await destroyed;
    await navigateLate(first);
    expect(await headOf(store)).toMatchObject({ state: 'unlinked' });
    expect((await headOf(store))?.snapshots).not.toEqual([]);
    await expectReleased(store, first);
    expect(first.emitted.names('lease_lost')).toEqual([]);
  });
});

describe('client.logout() of whatsapp-web.js', () => {
  test('deletes the session at once, and nothing is held after it', async () => {
    const store = new MemoryStore();
    const signals = process.listenerCount('SIGTERM');
    const first = startTheirRemote(standIn, { store });
    const device = await linkTheirs(standIn, first);
    await first.emitted.until('session_saved');
    const warnings = collectWarnings();
    await first.client.logout();
    await navigateLate(first);
    warnings.stop();
    expect(device.linked).toBe(false);
    expect(await headOf(store)).toMatchObject({ state: 'logged-out', snapshots: [] });
    await expectReleased(store, first);
    expect(existsSync(first.authStrategy.sessionFolder)).toBe(false);
    expect(readdirSync(first.authStrategy.dataPath)).toEqual([]);
    expect(process.listenerCount('SIGTERM')).toBe(signals);
    expect(warnings.list).toEqual([]);

    const second = startTheirRemote(standIn, { store });
    await second.emitted.until('qr');
    await second.injected();
    await second.client.destroy();
    expect((await headOf(store))?.state).toBe('logged-out');
  });

  test('is over with it: the same client may link anew, and a reload is no unlink', async () => {
    const store = new MemoryStore();
    const first = startTheirRemote(standIn, { store });
    await linkTheirs(standIn, first);
    await first.emitted.until('session_saved');
    await first.client.logout();
    await first.injected();
    // As it stays when the browser closes before its navigation was seen.
    first.client.lastLoggedOut = true;
    const seen = first.emitted.names('disconnected').length;

    await first.client.initialize();
    const device = await linkTheirs(standIn, first, 2);
    await first.emitted.until('remote_session_saved', 2);
    const readies = first.emitted.names('ready').length;
    await first.client.pupPage?.reload();
    await first.emitted.until('ready', readies + 1);
    expect(first.emitted.names('disconnected')).toHaveLength(seen);
    expect((await headOf(store))?.state).toBe('linked');
    await first.client.destroy();
    await expectToOpen(store, device);
  });
});

describe('states that pass', () => {
  for (const state of PASSING_STATES) {
    test(`${state} closes whatsapp-web.js's client, and the session stays`, async () => {
      const store = new MemoryStore();
      const first = startTheirRemote(standIn, { store });
      const device = await linkTheirs(standIn, first);
      await first.emitted.until('session_saved');
      showState(device, state);
      expect(await first.emitted.until('disconnected')).toBe(state);
      await first.client.destroy();
      device.forceState('CONNECTED');
      expect(existsSync(first.authStrategy.sessionFolder)).toBe(true);
      expect((await headOf(store))?.state).toBe('linked');
      await expectReleased(store, first);
      await expectToOpen(store, device);
    });
  }
});

test('a listener of disconnected may start the client again at once', async () => {
  const store = new MemoryStore();
  const first = startTheirRemote(standIn, { store });
  const device = await linkTheirs(standIn, first);
  await first.emitted.until('session_saved');
  const restarted = new Promise<void>((resolve, reject) => {
    first.client.once('disconnected', () => {
      device.forceState('CONNECTED');
      void first.client.destroy();
      first.client.initialize().then(resolve, reject);
    });
  });
  showState(device, 'PROXYBLOCK');
  await restarted;
  await first.emitted.until('ready', 2);
  expect(first.emitted.names('qr')).toHaveLength(1);
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
});

describe('a store that fails under whatsapp-web.js', () => {
  test('whatever it throws, is told of, and the client goes on', async () => {
    const store = new UnreliableStore();
    const dataPath = newFolder();
    const first = startTheirRemote(standIn, { store, dataPath, backupSyncIntervalMs: 100 });
    await first.initialized;
    const qr = await first.emitted.until<string>('qr');
    store.isAway = () => {
      throw new TypeError('injected: a bug of the store');
    };
    const device = await standIn.phone.scan(qr);
    await first.emitted.until('ready');
    await first.emitted.until('session_save_failed', 2);
    expect(first.emitted.names('disconnected', 'session_saved')).toEqual([]);
    store.isAway = () => false;
    await first.emitted.until('remote_session_saved');
    store.isAway = () => {
      throw 'injected: not even an error';
    };
    await device.receive({ body: 'while it fails' });
    await first.emitted.until('session_save_failed', 4);
    await first.client.destroy();
    store.isAway = () => false;

    // The disk is still there, and newer than the store.
    const second = startTheirRemote(standIn, { store, dataPath });
    await second.emitted.until('ready');
    expect(second.emitted.of('qr')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  });

  test('at the start only delays it', async () => {
    const store = new UnreliableStore();
    const first = startTheirRemote(standIn, { store });
    const device = await linkTheirs(standIn, first);
    await first.client.destroy();
    let refused = 0;
    store.isAway = () => ++refused <= 4;
    const warnings = collectWarnings();
    await expectToOpen(store, device);
    warnings.stop();
    expect(warnings.list.filter(({ code }) => code === 'STORE_AWAY')).toHaveLength(1);
    expect(refused).toBeGreaterThan(4);
  });

  test('keeps a holder that cannot renew from taking the session back from another', async () => {
    const store = new UnreliableStore();
    const authOptions = { store, leaseTermMs: 3000 };
    const holder = startTheirRemote(standIn, authOptions, { takeoverOnConflict: true });
    const device = await linkTheirs(standIn, holder);
    await holder.emitted.until('session_saved');
    store.isAway = () => true;
    await until('end of its term', () => !holder.authStrategy.isHeld);
    const connections = device.connectionCount;
    device.conflict();
    expect(await holder.emitted.until('disconnected')).toBe('CONFLICT');
    expect(await holder.emitted.until('disconnected', 2)).toBe('LEASE_LOST');
    expect(holder.emitted.names('lease_lost')).toEqual(['lease_lost']);
    expect(device.connectionCount).toBe(connections);
    store.isAway = () => false;
    await expectToOpen(store, device);
  });
});
