import { describe, it, vi } from 'vitest';
import type { ObjectStore } from '../../src/index.js';
import { RedisStore } from '../../src/redis.js';
import { objectStoreContract } from '../../src/testing/index.js';
import { clients, uniquePrefix } from '../objects/support/redis.js';
import { useService } from '../services/services.js';

// The server of the tests keeps nothing on the disk.
vi.mock('../../src/system/warn.js', () => ({ warn: () => undefined }));

interface Opened {
  store: ObjectStore;
  prefix: string;
  /** Makes the server unreachable for it. */
  end(): Promise<unknown>;
}

const ways: Record<string, (prefix: string) => Promise<Opened>> = {
  'RedisStore with a url': async (prefix) => {
    const store = new RedisStore({ url: (await useService('redis')).url, prefix });
    return { store, prefix, end: () => store.close() };
  },
};
for (const [name, connect] of Object.entries(clients)) {
  ways[`RedisStore with ${name}`] = async (prefix) => {
    const { client, end } = await connect((await useService('redis')).url);
    const store = new RedisStore({ client, prefix });
    return { store, prefix, end: () => store.close().then(end) };
  };
}

describe.each(Object.entries(ways))('%s', (_, open) => {
  const opened = new Map<ObjectStore, Opened>();
  const add = async (prefix: string) => {
    const added = await open(prefix);
    opened.set(added.store, added);
    return added.store;
  };
  const suite = objectStoreContract({
    create: () => add(uniquePrefix()),
    reopen: (store) => add(opened.get(store)?.prefix ?? ''),
    breakStore: async (store) => {
      await opened.get(store)?.end();
    },
    dispose: async (store) => {
      const again = await open(opened.get(store)?.prefix ?? '');
      const left: string[] = [];
      for await (const { key } of again.store.list('')) left.push(key);
      await again.store.delete(left);
      await again.end();
      await opened.get(store)?.end();
    },
  });
  for (const { name, run } of suite) it(name, run);
});
