import { HoldfastError } from '../../errors.js';
import { asWritten, type PostgresClient } from './pool.js';
import { sqlStateOf } from './postgres-errors.js';

/**
 * How the tables came to be, one step after another; what is here is never changed, only added to.
 *
 * Keys are in the order of their bytes (`"C"`), so that a list is a walk along the primary key.
 * Bytes are kept uncompressed and out of line: packs do not compress, and a part of them can be read
 * without the rest only so.
 *
 * @param schema quoted
 * @see https://www.postgresql.org/docs/current/storage-toast.html
 */
const MIGRATIONS: ((schema: string) => string[])[] = [
  (schema) => [
    `CREATE TABLE ${schema}.objects (
       key text COLLATE "C" PRIMARY KEY,
       bytes bytea NOT NULL
     )`,
    `ALTER TABLE ${schema}.objects ALTER COLUMN bytes SET STORAGE EXTERNAL`,
    `CREATE TABLE ${schema}.cells (
       key text COLLATE "C" PRIMARY KEY,
       value bytea NOT NULL,
       version text NOT NULL
     )`,
    `ALTER TABLE ${schema}.cells ALTER COLUMN value SET STORAGE EXTERNAL`,
  ],
];

/**
 * Makes the tables, or finds them made. Several processes may do it at once; one that may not make
 * anything can use what others have made.
 *
 * @throws {HoldfastError} FORMAT_UNSUPPORTED, STORE_UNREACHABLE when it is a standby; and errors of
 * the client
 */
export async function prepareTables(client: PostgresClient, schema: string): Promise<void> {
  const newest = await readNewest(client, quote(schema));
  refuseNewer(newest, schema);
  if (newest === MIGRATIONS.length) return;
  const run = (text: string, values?: unknown[]) =>
    client.query({ text, ...(values && { values }), types: asWritten });
  // What another process makes while this one waits for the lock must be seen afterwards.
  await run('BEGIN ISOLATION LEVEL READ COMMITTED');
  await run('SET LOCAL synchronous_commit = on');
  await run('SELECT pg_advisory_xact_lock(hashtext($1))', [`holdfast migrations of ${schema}`]);
  await makeMissing(run, schema);
  await run('COMMIT');
}

type Run = (text: string, values?: unknown[]) => ReturnType<PostgresClient['query']>;

async function makeMissing(run: Run, schema: string): Promise<void> {
  const quoted = quote(schema);
  // CREATE SCHEMA IF NOT EXISTS asks for the right to make one though it is there.
  const { rows } = await run('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rows.length === 0) await run(`CREATE SCHEMA ${quoted}`);
  await run(
    `CREATE TABLE IF NOT EXISTS ${quoted}.migrations (
       number integer PRIMARY KEY,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
  );
  const found = await run(`SELECT max(number)::text AS newest FROM ${quoted}.migrations`);
  const newest = Number(found.rows[0]?.newest ?? 0);
  refuseNewer(newest, schema);
  for (let number = newest + 1; number <= MIGRATIONS.length; number++) {
    for (const statement of MIGRATIONS[number - 1]?.(quoted) ?? []) await run(statement);
    await run(`INSERT INTO ${quoted}.migrations (number) VALUES ($1::int)`, [number]);
  }
}

/** 0 when there is nothing yet. */
async function readNewest(client: PostgresClient, schema: string): Promise<number> {
  try {
    const { rows } = await client.query({
      text: `SELECT max(number)::text AS newest, pg_is_in_recovery()::text AS "isStandby"
             FROM ${schema}.migrations`,
      types: asWritten,
    });
    if (rows[0]?.isStandby === 'true') throw isStandby();
    return Number(rows[0]?.newest ?? 0);
  } catch (error) {
    if (NOT_MADE.includes(sqlStateOf(error) ?? '')) return 0;
    throw error;
  }
}

/** invalid_schema_name, undefined_table */
const NOT_MADE = ['3F000', '42P01'];

function refuseNewer(newest: number, schema: string): void {
  if (newest <= MIGRATIONS.length) return;
  throw new HoldfastError(
    'FORMAT_UNSUPPORTED',
    `The tables in the schema ${schema} were made by a newer version of Holdfast ` +
      `(format ${newest}; this version knows up to ${MIGRATIONS.length}). Update holdfast.`,
  );
}

/** It may be behind, and what it does not have yet would look as if it were not there. */
function isStandby(): HoldfastError {
  return new HoldfastError(
    'STORE_UNREACHABLE',
    'This PostgreSQL server is a standby, which cannot be written to and may be behind: ' +
      'connect to the primary.',
    { transient: true },
  );
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
