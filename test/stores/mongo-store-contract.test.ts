import { describe, it } from 'vitest';
import { objectStoreContract } from '../../src/testing/index.js';
import { type OpenedMongo, uniqueName, ways } from '../objects/support/mongo.js';

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
    // What is asked of the server is the same each way, and jongodb takes a minute to keep so many.
    const isLong = name.includes('2500');
    if (!isLong || way === 'a uri') it(name, run, isLong ? LONG_MS : undefined);
  }
});
