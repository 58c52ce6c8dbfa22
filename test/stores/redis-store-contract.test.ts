import * as ioredis from 'ioredis';
import * as redis4 from 'redis-4';
import { describe, it } from 'vitest';
import type { ObjectStore } from '../../src/index.js';
import { OwnConnection } from '../../src/objects/redis/own-connection.js';
import { RedisObjects } from '../../src/objects/redis-objects.js';
import { RedisStore } from '../../src/redis.js';
import { ofIoredis, ofNodeRedis } from '../../src/stores/redis/own-client.js';
import { objectStoreContract } from '../../src/testing/index.js';
import { clients, uniquePrefix } from '../objects/support/redis.js';
import { useService } from '../services/services.js';

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
  // As where only these are installed.
  'Redis through ioredis of our own': async (prefix) => {
    const { url } = await useService('redis');
    return ofOwn(prefix, () => ofIoredis(ioredis, { url, connectTimeout: 5000 }));
  },
  'Redis through node-redis 4 of our own': async (prefix) => {
    const { url } = await useService('redis');
    return ofOwn(prefix, () => ofNodeRedis(redis4, { url, connectTimeout: 5000 }));
  },
};
for (const [name, open] of Object.entries(clients)) {
  ways[`RedisStore with ${name}`] = async (prefix) => {
    const { client, end } = await open((await useService('redis')).url);
    return { store: new RedisStore({ client, prefix }), prefix, end };
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

function ofOwn(prefix: string, make: ConstructorParameters<typeof OwnConnection>[0]): Opened {
  const store = new RedisObjects(
    { objects: new OwnConnection(make), cells: new OwnConnection(make) },
    prefix,
  );
  return { store, prefix, end: () => store.close() };
}
