import { Pool } from 'pg';
import { afterAll } from 'vitest';
import { PostgresStore } from '../../src/postgres.js';
import { asSuperuser, uniqueName } from '../objects/support/postgres.js';
import { useService } from '../services/services.js';
import { describeConnectionFaults, type FaultyWay } from './support/connection-faults.js';

const schema = uniqueName();
afterAll(() => asSuperuser(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));

const isSwap = (data: Buffer) =>
  /INSERT INTO \S+cells|UPDATE \S+cells/.test(data.toString('latin1'));
const urlOf = (name: 'postgres' | 'pgbouncer') => async () => (await useService(name)).url;

const withPool: FaultyWay['open'] = async (connectionString, requests) => {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 1000 });
  return { store: new PostgresStore({ pool, schema, requests }), end: () => pool.end() };
};
const withUrl: FaultyWay['open'] = async (connectionString, requests) => ({
  store: new PostgresStore({ connectionString, schema, requests }),
  end: async () => undefined,
});

const postgres = urlOf('postgres');
describeConnectionFaults('PostgresStore with a pool', { url: postgres, open: withPool, isSwap });
describeConnectionFaults('PostgresStore with a url', { url: postgres, open: withUrl, isSwap });
describeConnectionFaults('PostgresStore through PgBouncer', {
  url: urlOf('pgbouncer'),
  open: withPool,
  isSwap,
});
