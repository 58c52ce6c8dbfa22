import { type Check, checkOptions } from '../check-options.js';
import { HoldfastError } from '../errors.js';
import { isRedisClient, type RedisClient } from '../objects/redis/clients.js';
import { OwnConnection } from '../objects/redis/own-connection.js';
import { type RedisConnections, RedisObjects } from '../objects/redis-objects.js';
import { limitRequests } from '../objects/requests/limit-requests.js';
import { resolveRequestLimits } from '../objects/requests/request-limits.js';
import { BackedStore, REMOTE_STORE_CHECKS, type RemoteStoreOptions } from './backed-store.js';
import { clientOfUrl } from './redis/client-of-url.js';

export interface RedisStoreOptions extends RemoteStoreOptions {
  /**
   * A client of `redis` or `ioredis`. It stays the program's, connected or not: the store has two
   * connections of its own that are made like it, so that neither waits behind the other's requests.
   */
  client?: RedisClient | undefined;
  /**
   * In place of a client: `redis://user:password@host:6379/0`, or `rediss://` with TLS; through the
   * package `redis`, or else `ioredis`.
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
 * lives as long as the server keeps it: the store warns when that is not on the disk. `close()` ends
 * its connections.
 *
 * @example
 * const store = new RedisStore({ url: 'redis://localhost:6379' });
 *
 * @example
 * const store = new RedisStore({ client: createClient() });
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
  const { timeoutMs } = resolveRequestLimits(requests);
  const make = () => client ?? clientOfUrl(url ?? '', timeoutMs);
  return { objects: new OwnConnection(make), cells: new OwnConnection(make) };
}

function isRedisUrl(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    URL.canParse(value) &&
    ['redis:', 'rediss:'].includes(new URL(value).protocol)
  );
}
