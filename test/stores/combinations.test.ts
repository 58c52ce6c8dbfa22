import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { KEY, newFolder, startRemote } from '../auth/remote-sessions.js';
import { linkTheirs, startSlowStandIn, startTheirRemote } from '../auth/whatsapp-web-js.js';
import { link, openStore, RemoteAuth, type StandIn } from '../client/support.js';
import { SERVER_KINDS, SERVER_PLACES, type ServerKind, unique } from './support/places.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startSlowStandIn();
});
afterAll(() => standIn.close());

type OpenedStore = ReturnType<typeof openStore>;
const opened: OpenedStore[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

async function newStore(kind: ServerKind): Promise<OpenedStore> {
  const { url, env = {} } = await SERVER_PLACES[kind]();
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const store = openStore(url);
  opened.push(store);
  return store;
}

async function keysOf(store: OpenedStore, session: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) if (key.includes(session)) keys.push(key);
  return keys;
}

/** The head that says so, and a key that is empty. */
const tombstoneOf = (session: string) => [`heads/${session}`, `keys/${session}`];

describe.each(SERVER_KINDS)('our Client, our RemoteAuth and the store on %s', (kind) => {
  it('link, lose the disk, go on without a code, and leave a tombstone at the logout', async () => {
    const store = await newStore(kind);
    const clientId = unique();
    const first = startRemote(standIn, { store, clientId, backupSyncIntervalMs: 1000 });
    const device = await link(standIn, first);
    await first.log.until('remote_session_saved');
    await device.receive({ body: 'one more' });
    await first.client.destroy();

    const second = startRemote(standIn, { store, clientId });
    await second.log.until('ready');
    expect(second.log.of('qr')).toEqual([]);
    await device.receive({ body: 'after the move' });
    const [message] = await second.log.until('message');
    await message.reply('and back');
    expect(await device.nextSent()).toMatchObject({ body: 'and back' });
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });

    await second.client.logout();
    const session = `RemoteAuth-${clientId}`;
    expect(await keysOf(store, session)).toEqual(tombstoneOf(session));
    expect((await store.readCell(`keys/${session}`))?.value).toHaveLength(0);
    expect(await store.sessionExists({ session })).toBe(false);
  });
});

it("whatsapp-web.js's Client, our RemoteAuth and the store on mongo do so too", async () => {
  const store = await newStore('mongo');
  const clientId = unique();
  const first = startTheirRemote(standIn, { store, clientId });
  const device = await linkTheirs(standIn, first);
  await first.emitted.until('remote_session_saved');
  await first.client.destroy();

  const second = startTheirRemote(standIn, { store, clientId });
  await second.emitted.until('ready');
  expect(second.emitted.of('qr')).toEqual([]);
  await device.receive({ body: 'after the move' });
  await second.emitted.until('message');
  await second.client.sendMessage('12025550108@c.us', 'and back');
  expect(await device.nextSent()).toMatchObject({ body: 'and back' });
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  await second.client.logout();
  const session = `RemoteAuth-${clientId}`;
  expect(await keysOf(store, session)).toEqual(tombstoneOf(session));
});

describe.each(SERVER_KINDS)('the hooks of our RemoteAuth on %s', (kind) => {
  it("bring the session for whatsapp-web.js's Client, and let it go", async () => {
    const store = await newStore(kind);
    const clientId = unique();
    const session = `RemoteAuth-${clientId}`;
    const linked = startRemote(standIn, { store, clientId });
    await link(standIn, linked);
    await linked.log.until('session_saved');
    await linked.client.destroy();

    const dataPath = newFolder();
    const strategy = new RemoteAuth({ store, clientId, dataPath, encryptionKey: KEY });
    const client = {
      options: { puppeteer: {} as { userDataDir?: string } },
      initialize: () => strategy.beforeBrowserInitialized(),
      logout: async () => undefined,
      inject: async () => undefined,
      on: () => undefined,
      emit: () => false,
    };
    strategy.setup(client as never);
    await client.initialize();
    expect(client.options.puppeteer.userDataDir).toBe(path.join(dataPath, session));
    expect(strategy.isHeld).toBe(true);
    await strategy.destroy();
    expect(strategy.isHeld).toBe(false);
    await store.delete({ session });
    expect(await keysOf(store, session)).toEqual(tombstoneOf(session));
  });
});
