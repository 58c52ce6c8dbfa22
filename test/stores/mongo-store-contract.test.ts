import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MongoStore } from '../../src/mongo.js';
import { objectStoreContract } from '../../src/testing/index.js';
import { type OpenedMongo, uniqueName, uriOf, ways } from '../objects/support/mongo.js';

const LONG_MS = 300_000;

describe.each(Object.entries(ways))('MongoStore with %s', (way, open) => {
  const opened = new Map<unknown, OpenedMongo>();
  const add = async (database: string) => {
    const added = await open(database, { requests: { attempts: 2 } });
    opened.set(added.store, added);
    return added.store;
  };
  const suite = objectStoreContract({
    create: () => add(uniqueName()),
    reopen: (store) => add(opened.get(store)?.database ?? ''),
    breakStore: async (store) => {
      await opened.get(store)?.disconnect();
    },
    dispose: async (store) => {
      await opened.get(store)?.dispose();
    },
  });
  for (const { name, run } of suite) {
    // jongodb takes a minute to keep so many, one by one.
    const isLong = name.includes('2500');
    if (!isLong) it(name, run);
    else if (process.env.MONGODB_URI !== undefined && way === 'a uri') it(name, run, LONG_MS);
  }
});

it('a list of several pages is given whole, and may be left early', async () => {
  const database = uniqueName();
  const client = new MongoClient(await uriOf(database));
  onTestFinished(() => client.close());
  const keys = Array.from({ length: 2500 }, (_, index) => `many/${index % 7}/${index}`).sort();
  const documents = keys.map((key) => ({ _id: key, size: 1, part0: new Uint8Array(1) }));
  await client.db().collection<{ _id: string }>('holdfast_objects').insertMany(documents);
  const store = new MongoStore({ db: client.db() });
  const listed: string[] = [];
  for await (const { key } of store.list('many/')) listed.push(key);
  expect(listed).toEqual(keys);
  for await (const { key } of store.list('many/')) {
    expect(key).toBe(keys[0]);
    break;
  }
  await store.delete(keys);
  for await (const { key } of store.list('')) expect.unreachable(`${key} is still there`);
});
