import { type Check, checkOptions } from '../check-options.js';
import { HoldfastError } from '../errors.js';
import { isRedisClient, type RedisClient } from '../objects/redis/clients.js';
import { GivenConnection } from '../objects/redis/given-connection.js';
import { OwnConnection } from '../objects/redis/own-connection.js';
import { type RedisConnections, RedisObjects } from '../objects/redis-objects.js';
import { limitRequests } from '../objects/requests/limit-requests.js';
import { resolveRequestLimits } from '../objects/requests/request-limits.js';
import { BackedStore, REMOTE_STORE_CHECKS, type RemoteStoreOptions } from './backed-store.js';
import { makeOwnClient } from './redis/own-client.js';

export interface RedisStoreOptions extends RemoteStoreOptions {
  /**
   * A client of `redis`, connected or connecting, or of `ioredis`. It stays the program's: the store
   * never closes it.
   */
  client?: RedisClient | undefined;
  /**
   * In place of a client: `redis://user:password@host:6379/0`, or `rediss://` with TLS. The store
   * then has connections of its own, through `redis` or else `ioredis`, which `close()` ends.
   */
  url?: string | undefined;
  /**
   * What the keys of the store begin with. In a Redis Cluster it needs a part in braces, which keeps
   * them on one server. Default: `{holdfast}:`.
   */
  prefix?: string | undefined;
}

const CHECKS: Record<string, Check> = {
  ...REMOTE_STORE_CHECKS,
  client: [isRedisClient, 'a client of redis or ioredis'],
  url: [isRedisUrl, 'a URL such as redis://user:password@host:6379, with # or / in it encoded'],
  prefix: [
    (value) => typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value),
    'a text of 1 to 200 letters, digits and signs',
  ],
};

/**
 * Keeps sessions in Redis, 5 or newer, or what speaks like it; in a Redis Cluster too. What it holds
 * lives as long as the server keeps it: the store warns when that is not on the disk.
 *
 * @example
 * const store = new RedisStore({ url: 'redis://localhost:6379' });
 *
 * @example
 * const store = new RedisStore({ client: await createClient().connect() });
 */
export class RedisStore extends BackedStore {
  /** @throws {HoldfastError} INVALID_OPTION, INVALID_KEY */
  constructor(options: RedisStoreOptions) {
    checkOptions('RedisStore.', options, CHECKS);
    const objects = new RedisObjects(connectionsOf(options), options.prefix ?? '{holdfast}:');
    super(limitRequests(objects, options.requests), options);
  }
}

function connectionsOf({ client, url, requests }: RedisStoreOptions): RedisConnections {
  if ((client === undefined) === (url === undefined)) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'RedisStore needs either a client or a url: new RedisStore({ url: "redis://localhost" }).',
    );
  }
  if (client !== undefined) {
    const connection = new GivenConnection(client);
    return { objects: connection, cells: connection };
  }
  const connectTimeout = resolveRequestLimits(requests).timeoutMs;
  const make = () => makeOwnClient({ url: url ?? '', connectTimeout });
  return { objects: new OwnConnection(make), cells: new OwnConnection(make) };
}

function isRedisUrl(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    URL.canParse(value) &&
    ['redis:', 'rediss:'].includes(new URL(value).protocol)
  );
}
