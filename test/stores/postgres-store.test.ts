import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { Pool } from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PostgresStore, type PostgresStoreOptions } from '../../src/postgres.js';
import { asSuperuser, changed, uniqueName } from '../objects/support/postgres.js';
import { useService } from '../services/services.js';

const bytes = Buffer.from('x');
const url = async () => (await useService('postgres')).url;

const schemas: string[] = [];
const roles: string[] = [];
const stores: PostgresStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});
afterAll(async () => {
  const database = new URL(await url()).pathname.slice(1);
  await asSuperuser(
    ...schemas.map((schema) => `DROP SCHEMA IF EXISTS ${schema} CASCADE`),
    ...roles.flatMap((role) => [
      `DROP OWNED BY ${role}`,
      `REVOKE ALL ON DATABASE ${database} FROM ${role}`,
      `DROP ROLE ${role}`,
    ]),
  );
});

function newSchema(): string {
  const schema = uniqueName();
  schemas.push(schema);
  return schema;
}

function open(options: PostgresStoreOptions): PostgresStore {
  const store = new PostgresStore({ requests: { attempts: 1 }, ...options });
  stores.push(store);
  return store;
}

/** A role that may do nothing yet, and the URL by which it connects. */
async function newRole(): Promise<{ role: string; connectionString: string }> {
  const role = uniqueName();
  const password = randomBytes(8).toString('hex');
  roles.push(role);
  await asSuperuser(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  return { role, connectionString: changed(await url(), { username: role, password }) };
}

describe('PostgresStore', () => {
  it.each([
    ['no options', undefined, /Options must be an object/],
    ['neither a pool nor a connectionString', {}, /either a pool or a connectionString/],
    ['both', { pool: { connect() {} }, connectionString: 'postgres://a' }, /either a pool or/],
    ['a pool that is none', { pool: {} }, /pool must be a Pool of the package pg/],
    ['an empty connectionString', { connectionString: '' }, /connectionString must be a string/],
    [
      'a schema to be quoted',
      { connectionString: 'postgres://a', schema: 'a"b' },
      /schema must be/,
    ],
    [
      'a schema of PostgreSQL',
      { connectionString: 'postgres://a', schema: 'pg_a' },
      /schema must be/,
    ],
    [
      'a mistyped option',
      { connectionString: 'postgres://a', table: 'a' },
      /no option PostgresStore\.table/,
    ],
  ])('refuses %s', (_, options, message) => {
    const make = () => new PostgresStore(options as PostgresStoreOptions);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(make).toThrow(message);
  });

  it('makes its tables once, however many begin at once', async () => {
    const schema = newSchema();
    const connectionString = await url();
    const several = Array.from({ length: 8 }, () => open({ connectionString, schema }));
    await Promise.all(several.map((store, index) => store.put(`packs/${index}`, bytes)));
    const listed: string[] = [];
    for await (const { key } of several[0]?.list('') ?? []) listed.push(key);
    expect(listed).toHaveLength(8);
    expect(await asSuperuser(`SELECT number FROM ${schema}.migrations`)).toEqual([{ number: 1 }]);
  });

  it('refuses tables that a newer version has made', async () => {
    const schema = newSchema();
    const connectionString = await url();
    await open({ connectionString, schema }).put('object', bytes);
    await asSuperuser(`INSERT INTO ${schema}.migrations (number) VALUES (999)`);
    const newer = {
      code: 'FORMAT_UNSUPPORTED',
      message: expect.stringContaining('Update holdfast'),
    };
    const store = open({ connectionString, schema });
    await expect(store.get('object')).rejects.toMatchObject(newer);
    await expect(store.put('object', bytes)).rejects.toMatchObject(newer);
  });

  it('says which right is missing, and uses tables that others have made', async () => {
    const schema = newSchema();
    const { role, connectionString } = await newRole();
    const store = open({ connectionString, schema });
    const refused = {
      code: 'STORE_UNUSABLE',
      message: expect.stringMatching(/GRANT CREATE ON DATABASE/),
    };
    await expect(store.get('object')).rejects.toMatchObject(refused);
    await open({ connectionString: await url(), schema }).put('object', bytes);
    await expect(store.get('object')).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    await asSuperuser(
      `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
    );
    expect(await store.get('object')).toEqual(bytes);
    await store.put('object', bytes);
    await store.delete(['object']);
    await store.swapCell('cell', bytes, await store.swapCell('cell', bytes, null));
  });

  it('makes its tables in a schema that was made for it', async () => {
    const schema = newSchema();
    const { role, connectionString } = await newRole();
    await asSuperuser(`CREATE SCHEMA ${schema} AUTHORIZATION ${role}`);
    await open({ connectionString, schema }).put('object', bytes);
  });

  it('says what is wrong with the credentials or the database, without them', async () => {
    const server = await url();
    const password = 'se-cret-pass-word';
    const wrong: [connectionString: string, words: RegExp][] = [
      [changed(server, { password }), /Check the user and the password/],
      [changed(server, { pathname: '/no_such_database' }), /no_such_database.* Create it/],
      [`postgres://user:${password}#@host/database`, /must be percent-encoded/],
    ];
    for (const [connectionString, words] of wrong) {
      const error = await open({ connectionString })
        .get('object')
        .catch((reason) => reason);
      expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
      expect(error.message).toMatch(words);
      const printed = inspect(error, { depth: 10, showHidden: true });
      for (const secret of [password, new URL(server).password]) {
        if (secret !== '') expect(printed).not.toContain(secret);
      }
    }
  });

  it('lives on when an idle connection is ended, and leaves the pool open', async () => {
    const schema = newSchema();
    const pool = new Pool({ connectionString: await url(), application_name: schema });
    const store = open({ pool, schema });
    await store.put('object', bytes);
    expect(pool.idleCount).toBe(1);
    await asSuperuser(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${schema}'`,
    );
    await expect.poll(() => pool.totalCount).toBe(0);
    expect(await store.get('object')).toEqual(bytes);
    await store.close();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('has on the disk what it has written, where the role need not wait for that', async () => {
    const schema = newSchema();
    const { role, connectionString } = await newRole();
    await asSuperuser(
      `CREATE SCHEMA ${schema} AUTHORIZATION ${role}`,
      `ALTER ROLE ${role} SET synchronous_commit = off`,
    );
    const pool = new Pool({ connectionString, max: 1 });
    const store = open({ pool, schema });
    const isFlushed = async () => {
      const flushed = 'SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() AS yes';
      return (await pool.query(flushed)).rows[0].yes as boolean;
    };
    const timesFlushed = async (write: (round: number) => Promise<unknown>) => {
      let times = 0;
      for (let round = 0; round < 20; round++) {
        await write(round);
        if (await isFlushed()) times += 1;
      }
      return times;
    };
    await store.put('object', bytes);
    const byStore = await timesFlushed((round) => store.put(`object-${round}`, bytes));
    const asDefault = await timesFlushed((round) =>
      pool.query(`INSERT INTO ${schema}.objects VALUES ('plain-${round}', '')`),
    );
    // Other tests write too, and the server flushes by itself now and then.
    expect(byStore).toBeGreaterThan(asDefault);
    expect((await pool.query('SHOW synchronous_commit')).rows[0].synchronous_commit).toBe('off');
    await pool.end();
  });
});
