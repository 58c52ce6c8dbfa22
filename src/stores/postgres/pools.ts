import { HoldfastError } from '../../errors.js';
import type { PoolSource, PostgresPool } from '../../objects/postgres/pool.js';
import { loadClient } from '../load-client.js';

interface Pg {
  Pool: new (options: object) => PostgresPool & { end(): Promise<void> };
}

export interface OwnPoolOptions {
  connectionString: string;
  /** How many connections; as many as there may be requests, so that none waits for another. */
  max: number;
  connectionTimeoutMillis: number;
}

/** The program's pool. Nothing of it is changed, and it is never ended. */
export function givenPool(pool: PostgresPool): PoolSource {
  pool.on('error', ignore);
  return {
    get: () => pool,
    end: async () => {
      pool.removeListener('error', ignore);
    },
  };
}

/** A pool of our own, from the first request on. */
export function ownPool(options: OwnPoolOptions): PoolSource {
  let pool: InstanceType<Pg['Pool']> | null = null;
  let isEnded = false;
  return {
    get: () => {
      if (isEnded) throw new HoldfastError('STORE_UNUSABLE', 'This PostgresStore has been closed.');
      if (pool === null) {
        const { Pool } = loadClient<Pg>('pg', 'PostgresStore');
        // A program that has nothing else to do ends, also when it has not closed the store.
        pool = new Pool({ ...options, keepAlive: true, allowExitOnIdle: true });
        pool.on('error', ignore);
      }
      return pool;
    },
    end: async () => {
      isEnded = true;
      const ending = pool;
      pool = null;
      await ending?.end();
    },
  };
}

/**
 * An idle connection that is lost is said by this event alone; nobody needs it, but when nobody
 * listens, node ends the process.
 */
function ignore(): void {}
