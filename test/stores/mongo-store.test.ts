import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { inspect } from 'node:util';
import { MongoClient } from 'mongodb';
import { Mongoose } from 'mongoose';
import { afterEach, describe, expect, it } from 'vitest';
import { MongoStore, type MongoStoreOptions } from '../../src/mongo.js';
import { readArchive } from '../../src/snapshot/archive/read-archive.js';
import { writeArchive } from '../../src/snapshot/archive/write-archive.js';
import { openDatabase, uniqueName, uriOf, ways } from '../objects/support/mongo.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import { freePort } from '../services/servers/free-port.js';
import { openWriter } from '../snapshot/support/sessions.js';
import { smallProfile, TestProfile } from '../snapshot/support/test-profile.js';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function make(options: MongoStoreOptions): MongoStore {
  const store = new MongoStore(options);
  ends.push(() => store.close());
  return store;
}

async function keysOf(store: MongoStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

const QUICK = { requests: { timeoutMs: 1000, attempts: 1 } };

describe('MongoStore', () => {
  it.each([
    ['no options', undefined, /Options must be an object/],
    ['none of the three', {}, /MongoStore needs one of/],
    [
      'two of the three',
      { uri: 'mongodb://a', db: new MongoClient('mongodb://a').db() },
      /only one/,
    ],
    ['a client for a db', { db: new MongoClient('mongodb://a') }, /MongoStore\.db must be a data/],
    ['a uri for mongoose', { mongoose: 'mongodb://a' }, /MongoStore\.mongoose must be mongoose/],
    [
      'another uri',
      { uri: 'https://user:secret@a' },
      /MongoStore\.uri must be a connection string/,
    ],
    ['a mistyped option', { url: 'mongodb://a' }, /no option MongoStore\.url/],
    [
      'bounds that are none',
      { uri: 'mongodb://a', requests: { attempts: 0 } },
      /requests\.attempts/,
    ],
  ])('refuses %s', (_, options, message) => {
    const open = () => new MongoStore(options as MongoStoreOptions);
    expect(open).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(open).toThrow(message);
    expect(open).not.toThrow(/secret/);
  });

  it('keeps less of the past than others, as free clusters are small', () => {
    const store = new MongoStore({ uri: 'mongodb://localhost' });
    expect(store.defaultBudget).toBe(1.4);
    expect(store.defaultSaveIntervalMs).toBe(undefined);
  });

  it('puts all sessions into two collections', async () => {
    const database = await openDatabase();
    const store = make({ db: database });
    for (const name of ['RemoteAuth', 'RemoteAuth-a', 'RemoteAuth-b']) {
      const writer = await openWriter(store, { session: name });
      await writer.save(smallProfile().capture());
    }
    const idsIn = async (name: string) =>
      (await database.collection<{ _id: string }>(name).find().toArray()).map(({ _id }) => _id);
    const ids = [...(await idsIn('holdfast_objects')), ...(await idsIn('holdfast_cells'))];
    expect(ids.sort()).toEqual(await keysOf(store));
  });

  describe.each(Object.entries(ways))('with %s', (_, open) => {
    it("serves whatsapp-web.js's four methods, and leaves a tombstone alone", async () => {
      const folder = await temporaryFolder();
      const options = { dataPath: folder, encryptionKey: 'a passphrase' };
      const { store, dispose } = await open(uniqueName(), options);
      ends.push(dispose);
      const profile = smallProfile();
      const userDataDir = path.join(folder, 'profile');
      await profile.writeTo(userDataDir);
      await writeArchive(userDataDir, path.join(folder, 'RemoteAuth-x.zip'));
      const name = { session: 'RemoteAuth-x' };
      expect(await store.sessionExists(name)).toBe(false);
      await store.save(name);
      expect(await store.sessionExists(name)).toBe(true);
      const zipFile = path.join(folder, 'extracted.zip');
      await store.extract({ ...name, path: zipFile });
      await readArchive(zipFile, path.join(folder, 'unpacked'));
      await store.delete(name);
      expect(await store.sessionExists(name)).toBe(false);
      expect(await keysOf(store)).toEqual(['heads/RemoteAuth-x', 'keys/RemoteAuth-x']);
    });
  });
});

describe('a mongoose', () => {
  it('that is still connecting is waited for', async () => {
    const mongoose = new Mongoose();
    const store = make({ mongoose });
    const connecting = mongoose.connect(await uriOf(uniqueName()));
    ends.push(() => mongoose.disconnect());
    expect(await store.get('nothing')).toBe(null);
    await connecting;
  });

  it('that is connected soon after the first request is waited for', async () => {
    const mongoose = new Mongoose();
    const store = make({ mongoose });
    const got = store.get('nothing');
    setTimeout(async () => mongoose.connect(await uriOf(uniqueName())), 200);
    ends.push(() => mongoose.disconnect());
    expect(await got).toBe(null);
  });

  it('that nobody connects is an error that says what to call', async () => {
    const store = make({ mongoose: new Mongoose(), ...QUICK });
    const error = await store.get('nothing').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.message).toContain('mongoose.connect(');
  });

  it('that could not connect says why, and not after ten seconds of buffering', async () => {
    const mongoose = new Mongoose();
    const uri = `mongodb://user:pa55-secret@127.0.0.1:${await freePort()}/bots`;
    await mongoose.connect(uri, { serverSelectionTimeoutMS: 200 }).catch(() => undefined);
    const error = await make({ mongoose, ...QUICK })
      .get('nothing')
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.message).toMatch(/ECONNREFUSED/);
    expect(inspect(error, { depth: 9 })).not.toContain('pa55-secret');
  });

  it('that is disconnected while it is used is an error, and used again once connected', async () => {
    const mongoose = new Mongoose();
    const uri = await uriOf(uniqueName());
    await mongoose.connect(uri);
    ends.push(() => mongoose.disconnect());
    const store = make({ mongoose, ...QUICK });
    await store.put('a', Buffer.from('x'));
    await mongoose.disconnect();
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await mongoose.connect(uri);
    expect(await store.get('a')).toEqual(Buffer.from('x'));
  });

  it('is not closed by the store, nor is a db', async () => {
    const mongoose = new Mongoose();
    await mongoose.connect(await uriOf(uniqueName()));
    ends.push(() => mongoose.disconnect());
    const database = await openDatabase();
    for (const store of [new MongoStore({ mongoose }), new MongoStore({ db: database })]) {
      await store.get('nothing');
      await store.close();
      await expect(store.get('nothing')).rejects.toThrow(/this store has been closed/);
    }
    expect(mongoose.connection.readyState).toBe(1);
    expect(await database.collection('a').findOne({})).toBe(null);
  });
});

describe('a uri', () => {
  it('is not connected to before the first request, and closed with the store', async () => {
    const sockets = new Set();
    const server = createServer((socket) => {
      sockets.add(socket.resume());
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(async () => server.close());
    const { port } = server.address() as { port: number };
    const store = new MongoStore({ uri: `mongodb://127.0.0.1:${port}/bots`, ...QUICK });
    expect(sockets.size).toBe(0);
    const asked = store.get('nothing').catch((error) => error);
    await expect.poll(() => sockets.size).toBeGreaterThan(0);
    // It never answers: the store is closed while it is still connecting.
    await store.close();
    expect(await asked).toMatchObject({ code: 'STORE_UNUSABLE' });
    // The driver lets go of a connection that is being opened when that has taken too long.
    await expect.poll(() => sockets.size, { timeout: 30_000 }).toBe(0);
    await store.close();
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
    });
  });

  it('where nobody answers is an error that says so, without the password', async () => {
    const uri = `mongodb://user:pa55-secret@127.0.0.1:${await freePort()}/bots`;
    const store = make({ uri, ...QUICK });
    const error = await store.readCell('heads/a').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.message).toMatch(/^Cannot read the cell heads\/a in MongoDB: .*ECONNREFUSED/);
    expect(inspect([error, store], { depth: 9, showHidden: true })).not.toContain('pa55-secret');
  });

  it('that the driver does not take is an error in its words, without the password', async () => {
    const store = make({ uri: 'mongodb://user:pa55-secret@host:port/bots', ...QUICK });
    const error = await store.get('a').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
    expect(inspect(error, { depth: 9 })).not.toContain('pa55-secret');
  });
});

it('three sessions stay within what the budget says while they are saved again and again', async () => {
  const TABLE = 400_000;
  const ROUNDS = 25;
  const store = make({ uri: await uriOf(uniqueName()) });
  let profiles = 0;
  for (const name of ['RemoteAuth-a', 'RemoteAuth-b', 'RemoteAuth-c']) {
    const profile = new TestProfile(name.charCodeAt(11));
    // A budget has a least size: 4 MiB.
    profile.compact(0, Array(15).fill(TABLE));
    const writer = await openWriter(store, { session: name });
    let most = 0;
    for (let round = 0; round < ROUNDS; round++) {
      profile.append(undefined, 3000);
      if (round % 5 === 4) profile.compact(1, [TABLE]);
      await writer.save(profile.capture());
      let stored = 0;
      for await (const { size } of store.list(`packs/${name}/`)) stored += size;
      most = Math.max(most, stored);
    }
    expect(most / profile.size).toBeLessThan(1.4 + 0.1);
    profiles += profile.size;
  }
  let stored = 0;
  for await (const { size } of store.list('')) stored += size;
  expect(stored / profiles).toBeLessThan(1.4 + 0.1);
});
