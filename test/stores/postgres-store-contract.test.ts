import { Pool } from 'pg';
import { afterAll, describe, it } from 'vitest';
import { PostgresStore } from '../../src/postgres.js';
import { objectStoreContract } from '../../src/testing/index.js';
import { asSuperuser, uniqueName } from '../objects/support/postgres.js';
import { useService } from '../services/services.js';

interface Opened {
  store: PostgresStore;
  schema: string;
  /** Makes the server unreachable for it. */
  breakStore(): Promise<unknown>;
  dispose(): Promise<unknown>;
}

const ways: Record<string, (schema: string) => Promise<Opened>> = {
  'a pool': async (schema) => ofPool((await useService('postgres')).url, schema),
  'a connectionString': async (schema) => ofUrl((await useService('postgres')).url, schema),
  'a pool, through PgBouncer': async (schema) =>
    ofPool((await useService('pgbouncer')).url, schema),
  'a connectionString, through PgBouncer': async (schema) =>
    ofUrl((await useService('pgbouncer')).url, schema),
};

const schemas = new Set<string>();
afterAll(async () => {
  await asSuperuser(...[...schemas].map((schema) => `DROP SCHEMA IF EXISTS ${schema} CASCADE`));
});

describe.each(Object.entries(ways))('PostgresStore with %s', (_, open) => {
  const opened = new Map<unknown, Opened>();
  const add = async (schema: string) => {
    schemas.add(schema);
    const added = await open(schema);
    opened.set(added.store, added);
    return added.store;
  };
  const suite = objectStoreContract({
    create: () => add(uniqueName()),
    reopen: (store) => add(opened.get(store)?.schema ?? ''),
    breakStore: async (store) => {
      await opened.get(store)?.breakStore();
    },
    dispose: async (store) => {
      await opened.get(store)?.dispose();
    },
  });
  for (const { name, run } of suite) it(name, run);
});

function ofPool(connectionString: string, schema: string): Opened {
  const pool = new Pool({ connectionString });
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= pool.end();
    return ended;
  };
  const store = new PostgresStore({ pool, schema });
  return { store, schema, breakStore: end, dispose: () => store.close().then(end) };
}

function ofUrl(connectionString: string, schema: string): Opened {
  const store = new PostgresStore({ connectionString, schema });
  return { store, schema, breakStore: () => store.close(), dispose: () => store.close() };
}
