import { HoldfastError } from '../../errors.js';
import type { IoredisClient, NodeRedisClient, RedisClient } from '../../objects/redis/clients.js';
import { loadClient } from '../load-client.js';

interface NodeRedis {
  createClient(options: object): NodeRedisClient;
}

interface Ioredis {
  Redis: new (url: string, options: object) => IoredisClient;
}

/**
 * A client of whichever library is installed, not connected.
 *
 * @throws {HoldfastError} CLIENT_MISSING
 */
export function clientOfUrl(url: string, connectTimeout: number): RedisClient {
  const nodeRedis = installed<NodeRedis>('redis');
  if (nodeRedis !== null) return nodeRedis.createClient({ url, socket: { connectTimeout } });
  const ioredis = installed<Ioredis>('ioredis');
  if (ioredis !== null) return new ioredis.Redis(url, { lazyConnect: true, connectTimeout });
  throw new HoldfastError(
    'CLIENT_MISSING',
    'RedisStore needs the package redis or ioredis, and neither is installed: npm install redis',
  );
}

function installed<Module>(packageName: string): Module | null {
  try {
    return loadClient<Module>(packageName, 'RedisStore');
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'CLIENT_MISSING') return null;
    throw error;
  }
}
