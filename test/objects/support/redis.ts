import { randomBytes } from 'node:crypto';
import IORedis6 from 'ioredis';
import IORedis5 from 'ioredis-5';
import * as redis6 from 'redis';
import * as redis4 from 'redis-4';
import * as redis5 from 'redis-5';
import type { RedisClient } from '../../../src/redis.js';

export interface OpenedClient {
  client: RedisClient;
  end(): Promise<unknown>;
}

/** Every client that the store takes, connected. */
export const clients: Record<string, (url: string) => Promise<OpenedClient>> = {
  'node-redis 4': async (url) => {
    const client = redis4.createClient({ url });
    client.on('error', () => undefined);
    await client.connect();
    return { client, end: async () => client.isOpen && (await client.disconnect()) };
  },
  'node-redis 5': async (url) => {
    const client = redis5.createClient({ url });
    client.on('error', () => undefined);
    await client.connect();
    return { client, end: async () => client.isOpen && client.destroy() };
  },
  'node-redis 6': async (url) => {
    const client = redis6.createClient({ url });
    client.on('error', () => undefined);
    await client.connect();
    return { client, end: async () => client.isOpen && client.destroy() };
  },
  'ioredis 5': async (url) => {
    const client = new IORedis5(url);
    client.on('error', () => undefined);
    return { client, end: async () => client.disconnect() };
  },
  'ioredis 6': async (url) => {
    const client = new IORedis6(url);
    client.on('error', () => undefined);
    return { client, end: async () => client.disconnect() };
  },
};

/** A prefix that no other test, or run of the tests, uses. */
export function uniquePrefix(): string {
  return `{test-${randomBytes(6).toString('hex')}}:`;
}
