import { type Check, checkOptions } from '../check-options.js';
import { HoldfastError } from '../errors.js';
import type { PoolSource, PostgresPool } from '../objects/postgres/pool.js';
import { PostgresObjects } from '../objects/postgres-objects.js';
import { limitRequests } from '../objects/requests/limit-requests.js';
import { resolveRequestLimits } from '../objects/requests/request-limits.js';
import { BackedStore, REMOTE_STORE_CHECKS, type RemoteStoreOptions } from './backed-store.js';
import { givenPool, ownPool } from './postgres/pools.js';

export interface PostgresStoreOptions extends RemoteStoreOptions {
  /** A `Pool` of `pg`. It stays the program's: the store never ends it. */
  pool?: PostgresPool | undefined;
  /**
   * In place of a pool: `postgres://user:password@host:5432/database`. The store then has a pool of
   * its own, of the package `pg`, which `close()` ends.
   */
  connectionString?: string | undefined;
  /**
   * The schema in which the tables lie; the store makes both if they are not there. Default:
   * `holdfast`.
   */
  schema?: string | undefined;
}

/** What PostgreSQL takes without cutting it; names that begin with `pg_` are its own. */
const SCHEMA = /^(?!pg_)[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const CHECKS: Record<string, Check> = {
  ...REMOTE_STORE_CHECKS,
  pool: [
    (value) => typeof (value as PostgresPool | null)?.connect === 'function',
    'a Pool of the package pg',
  ],
  connectionString: [
    (value) => typeof value === 'string' && value !== '',
    'a string such as postgres://user:password@host/database',
  ],
  schema: [
    (value) => typeof value === 'string' && SCHEMA.test(value),
    'the name of a schema: at most 63 letters, digits and _, no digit first',
  ],
};

/**
 * Keeps sessions in a PostgreSQL database, in tables of its own. It works through
 * PgBouncer in transaction mode, and on a database that many programs share.
 *
 * @example
 * const store = new PostgresStore({ connectionString: process.env.DATABASE_URL });
 *
 * @example
 * const store = new PostgresStore({ pool: new Pool() });
 */
export class PostgresStore extends BackedStore {
  /** @throws {HoldfastError} INVALID_OPTION, INVALID_KEY */
  constructor(options: PostgresStoreOptions) {
    checkOptions('PostgresStore.', options, CHECKS);
    const objects = new PostgresObjects(poolOf(options), options.schema ?? 'holdfast');
    super(limitRequests(objects, options.requests), options);
  }
}

function poolOf({ pool, connectionString, requests }: PostgresStoreOptions): PoolSource {
  if ((pool === undefined) === (connectionString === undefined)) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'PostgresStore needs either a pool or a connectionString: ' +
        'new PostgresStore({ connectionString: process.env.DATABASE_URL }).',
    );
  }
  if (pool !== undefined) return givenPool(pool);
  const { atOnce, timeoutMs } = resolveRequestLimits(requests);
  return ownPool({
    connectionString: connectionString ?? '',
    max: atOnce,
    connectionTimeoutMillis: timeoutMs,
  });
}
