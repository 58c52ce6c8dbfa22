import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHead } from '../../src/snapshot/open-session.js';
import { ProfileSaver } from '../../src/snapshot/profile-saver.js';
import { until } from '../client/processes.js';
import {
  collectWarnings,
  FileStore,
  failureOf,
  link,
  MemoryStore,
  type StandIn,
  startStandIn,
} from '../client/support.js';
import { KEY, killBrowser, newFolder, startRemote, UnreliableStore } from './remote-sessions.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

type AnyStore = InstanceType<typeof MemoryStore> | InstanceType<typeof FileStore>;

const newStore = () => new FileStore({ path: path.join(newFolder(), 'store') });
const headOf = async (store: AnyStore, session = 'RemoteAuth') =>
  (await readHead(store, session))?.decoded.head ?? null;
const keysOf = async (store: AnyStore) => {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
};

/** A session in a store, saved and closed, and its device on the phone. */
async function savedSession(store: AnyStore, dataPath = newFolder()) {
  const linked = startRemote(standIn, { store, dataPath });
  const device = await link(standIn, linked);
  await linked.client.destroy();
  return device;
}

describe('RemoteAuth', () => {
  it('brings the login back on an empty disk, without a code and without a loss', async () => {
    const store = newStore();
    const first = startRemote(standIn, { store });
    const device = await link(standIn, first);
    const [saved] = await first.log.until('session_saved');
    expect(saved).toMatchObject({ session: 'RemoteAuth', generation: 1, reason: 'ready' });
    expect(first.log.names('remote_session_saved')).toEqual(['remote_session_saved']);
    await device.receive({ body: 'one more' });
    await first.client.destroy();

    const second = startRemote(standIn, { store });
    await second.log.until('ready');
    expect(second.log.of('session_restored')).toEqual([
      [expect.objectContaining({ from: 'store', skipped: [] })],
    ]);
    expect(second.log.of('qr')).toEqual([]);
    await second.log.until('session_saved');
    await second.client.destroy();
    expect(second.log.of('remote_session_saved')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
    expect((await headOf(store))?.owner).toBeNull();
    expect((await keysOf(store)).filter((key) => key.startsWith('workers/'))).toEqual([]);
  });

  it('saves within the interval what comes in', async () => {
    const store = new MemoryStore();
    const first = startRemote(standIn, { store, backupSyncIntervalMs: 300 });
    const device = await link(standIn, first);
    await first.log.until('session_saved');
    for (let n = 1; n <= 3; n++) {
      const seen = first.log.of('session_saved').length;
      await device.receive({ body: `message ${n}` });
      await first.log.until('session_saved', seen + 1);
    }
    expect(first.log.of('session_saved').map(([{ reason }]) => reason)).toEqual(
      expect.arrayContaining(['ready', 'changed']),
    );
  });

  it('comes back when browser and disk go at once, right after the first save', async () => {
    const store = new MemoryStore();
    const first = startRemote(standIn, { store });
    const device = await link(standIn, first);
    await first.log.until('session_saved');
    killBrowser(first);
    await first.log.until('disconnected');
    const second = startRemote(standIn, { store });
    await second.log.until('ready');
    expect(second.log.of('qr')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  });
});

describe('what ends a session', () => {
  it('is client.logout(): everything goes at once, and a tombstone stays', async () => {
    const store = new MemoryStore();
    const { client, authStrategy, ...started } = startRemote(standIn, { store });
    const device = await link(standIn, { client, ...started });
    await started.log.until('session_saved');
    await client.logout();
    expect(device.linked).toBe(false);
    expect(await headOf(store)).toMatchObject({ state: 'logged-out', owner: null, snapshots: [] });
    expect((await keysOf(store)).filter((key) => !/^(heads|keys)\//.test(key))).toEqual([]);
    expect(existsSync(authStrategy.sessionFolder)).toBe(false);
    expect(readdirSync(authStrategy.dataPath)).toEqual([]);

    const second = startRemote(standIn, { store });
    await second.log.until('qr');
    expect(second.log.of('session_restored')).toEqual([]);
    await second.client.destroy();
    expect((await headOf(store))?.state).toBe('logged-out');
  });

  it('is client.logout() also when the store is away: it is tried again, and said', async () => {
    const store = new UnreliableStore();
    const { client, ...started } = startRemote(standIn, { store });
    await link(standIn, { client, ...started });
    await started.log.until('session_saved');
    const warnings = collectWarnings();
    let refused = 0;
    store.isAway = (method, key) => {
      const isOfHead = method === 'swapCell' && key.startsWith('heads/');
      return isOfHead && ++refused < 3;
    };
    await client.logout();
    warnings.stop();
    expect(warnings.list.map(({ code }) => code)).toContain('LOGOUT_PENDING');
    expect(await headOf(store)).toMatchObject({ state: 'logged-out' });
  });

  it('is not an unlink on the phone: what was saved stays until the next link is saved', async () => {
    const store = new MemoryStore();
    const first = startRemote(standIn, { store });
    const device = await link(standIn, first);
    await first.log.until('session_saved');
    const before = (await headOf(store))?.snapshots.map(({ manifest }) => manifest.id) ?? [];
    device.unlink();
    await first.log.until('disconnected');
    const [code] = await first.log.until('qr', 2);
    const unlinked = await headOf(store);
    expect(unlinked?.state).toBe('unlinked');
    const kept = unlinked?.snapshots.map(({ manifest }) => manifest.id);
    expect(kept).toEqual(expect.arrayContaining(before));

    const relinked = await standIn.phone.scan(code);
    await first.log.until('remote_session_saved', 2);
    const head = await headOf(store);
    expect(head?.state).toBe('linked');
    for (const { manifest } of head?.snapshots ?? []) expect(kept).not.toContain(manifest.id);
    await first.client.destroy();

    const second = startRemote(standIn, { store });
    await second.log.until('ready');
    expect(second.log.of('qr')).toEqual([]);
    expect(relinked).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
  });

  it('is not a refusal by the server, which is marked and shows a code', async () => {
    const store = new MemoryStore();
    const device = await savedSession(store);
    device.unlink();
    const second = startRemote(standIn, { store });
    await second.log.until('qr');
    expect(second.log.names('session_restored', 'disconnected', 'qr')).toEqual([
      'session_restored',
      'disconnected',
      'qr',
    ]);
    const head = await headOf(store);
    expect(head?.state).toBe('unlinked');
    expect(head?.snapshots).not.toEqual([]);
  });

  for (const state of ['CONFLICT', 'PROXYBLOCK', 'TOS_BLOCK', 'DEPRECATED_VERSION']) {
    it(`is not ${state}`, async () => {
      const store = new MemoryStore();
      const first = startRemote(standIn, { store });
      const device = await link(standIn, first);
      if (state === 'CONFLICT') device.conflict();
      else device.forceState(state);
      await first.log.until('disconnected');
      device.forceState('CONNECTED');
      expect((await headOf(store))?.state).toBe('linked');
      const second = startRemote(standIn, { store });
      await second.log.until('ready');
      expect(second.log.of('qr')).toEqual([]);
    });
  }
});

describe('a store that is away', () => {
  it('while the client runs is told and waited for; nothing else happens', async () => {
    const store = new UnreliableStore();
    const first = startRemote(standIn, { store, backupSyncIntervalMs: 200 });
    const device = await link(standIn, first);
    await first.log.until('session_saved');
    store.isAway = () => true;
    await device.receive({ body: 'while it is away' });
    const [failed] = await first.log.until('session_save_failed', 2);
    expect(failed).toMatchObject({ session: 'RemoteAuth', error: { code: 'STORE_UNREACHABLE' } });
    expect(failed.nextTryMs).toBeGreaterThan(0);
    const seen = first.log.of('session_saved').length;
    store.isAway = () => false;
    await first.log.until('session_saved', seen + 1);
    expect(first.log.names('disconnected', 'qr')).toEqual(['qr']);
    killBrowser(first);
    await first.log.until('disconnected');
    const second = startRemote(standIn, { store });
    await second.log.until('ready');
    expect(device).toMatchObject({ linked: true, lost: 0 });
  });

  it('at the start only delays it, and shows no code', async () => {
    const store = new UnreliableStore();
    await savedSession(store);
    let refused = 0;
    store.isAway = () => ++refused <= 4;
    const warnings = collectWarnings();
    const second = startRemote(standIn, { store });
    await second.log.until('ready');
    warnings.stop();
    expect(warnings.list.filter(({ code }) => code === 'STORE_AWAY')).toHaveLength(1);
    expect(second.log.of('qr')).toEqual([]);
  });

  it('for too long fails the start with its error, and nothing was touched', async () => {
    const store = new UnreliableStore();
    const dataPath = newFolder();
    const device = await savedSession(store, dataPath);
    store.isAway = () => true;
    const second = startRemote(standIn, { store, dataPath, storeTimeoutMs: 1000 });
    const error = await failureOf(second.initialized);
    expect(error.code).toBe('STORE_UNREACHABLE');
    expect(second.log.names()).toEqual([]);
    store.isAway = () => false;
    const third = startRemote(standIn, { store, dataPath });
    await third.log.until('ready');
    expect(device).toMatchObject({ linked: true, lost: 0 });
  });

  it('does not keep destroy() waiting at the start', async () => {
    const store = new UnreliableStore();
    await savedSession(store);
    store.isAway = () => true;
    const before = store.requests;
    const second = startRemote(standIn, { store });
    await until('requests', () => store.requests > before);
    await second.client.destroy();
    expect((await failureOf(second.initialized)).code).toBe('CLIENT_DESTROYED');
  });
});

describe('a profile on this disk', () => {
  it('that is newer than the store is kept, with all that it has', async () => {
    const store = new UnreliableStore();
    const dataPath = newFolder();
    const first = startRemote(standIn, { store, dataPath });
    const device = await link(standIn, first);
    await first.log.until('session_saved');
    store.isAway = (method, key) => method === 'put' || key.startsWith('heads/');
    store.mayComeBack = false;
    for (let n = 0; n < 5; n++) await device.receive({ body: `not in the store ${n}` });
    killBrowser(first);
    await first.log.until('disconnected');
    store.isAway = () => false;

    const second = startRemote(standIn, { store, dataPath });
    await second.log.until('ready');
    const [[restored] = []] = second.log.of('session_restored');
    expect(restored).toMatchObject({ from: 'disk', isStored: true });
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
    await second.log.until('session_saved');
    await second.client.destroy();
    const third = startRemote(standIn, { store });
    await third.log.until('ready');
    expect(device).toMatchObject({ linked: true, lost: 0 });
  });

  it('that is older than the store is replaced', async () => {
    const store = new MemoryStore();
    const dataPath = newFolder();
    const device = await savedSession(store, dataPath);
    const elsewhere = startRemote(standIn, { store });
    await elsewhere.log.until('ready');
    await device.receive({ body: 'elsewhere' });
    await elsewhere.client.destroy();

    const third = startRemote(standIn, { store, dataPath });
    await third.log.until('ready');
    const [[restored] = []] = third.log.of('session_restored');
    expect(restored).toMatchObject({ from: 'store' });
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  });

  it('with a link that was never saved is kept', async () => {
    const store = new UnreliableStore();
    const dataPath = newFolder();
    store.isAway = (method) => method === 'put';
    store.mayComeBack = false;
    const first = startRemote(standIn, { store, dataPath });
    const device = await link(standIn, first);
    await first.log.until('session_save_failed');
    killBrowser(first);
    await first.log.until('disconnected');
    store.isAway = () => false;
    const second = startRemote(standIn, { store, dataPath });
    await second.log.until('ready');
    await second.log.until('remote_session_saved');
    expect(second.log.of('qr')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0 });
  });

  it('leaves nothing beside it', async () => {
    const store = newStore();
    const dataPath = newFolder();
    await savedSession(store, dataPath);
    const second = startRemote(standIn, { store, dataPath });
    await second.log.until('ready');
    await second.client.destroy();
    expect(readdirSync(dataPath)).toEqual(['RemoteAuth']);
  });

  it('is not opened by an older browser than it was saved by, unless that is allowed', async () => {
    const store = new MemoryStore();
    const dataPath = newFolder();
    const first = startRemote(standIn, { store, dataPath });
    await link(standIn, first);
    await first.client.destroy();
    const { sessionFolder } = first.authStrategy;
    writeFileSync(path.join(sessionFolder, 'Last Version'), '999.0.1.2');
    const location = { store, session: 'RemoteAuth', encryptionKey: KEY };
    const saver = await ProfileSaver.open({ ...location, userDataDir: sessionFolder });
    // Something new, so that there is a snapshot of that version.
    mkdirSync(path.join(sessionFolder, 'Default', 'File System'), { recursive: true });
    writeFileSync(path.join(sessionFolder, 'Default', 'File System', 'new'), 'new');
    expect(await saver.save()).not.toBeNull();

    for (const folder of [dataPath, newFolder()]) {
      const refused = startRemote(standIn, { store, dataPath: folder });
      const error = await failureOf(refused.initialized);
      expect(error.code).toBe('BROWSER_TOO_OLD');
      expect(error.message).toContain('999');
      expect(refused.client.pupBrowser).toBeNull();
    }
    expect((await headOf(store))?.owner).toBeNull();
    const allowed = startRemote(standIn, { store, allowOlderBrowser: true });
    await allowed.log.until('ready');
  });
});
