import { quote } from './migrations.js';

/**
 * What has been written must be on the disk before its statement resolves, also where the default
 * of the database is not to wait. A setting made inside of a statement holds until the end of its
 * transaction, which is the end of the statement: no request more, and nothing left behind on a
 * connection that PgBouncer hands to others.
 *
 * @see https://www.postgresql.org/docs/current/wal-async-commit.html
 */
const DURABLY = `(SELECT set_config('synchronous_commit',
  CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
  ELSE current_setting('synchronous_commit') END, true)) AS durably`;

/** How many keys a page of a list has. */
export const PAGE = 1000;

/**
 * Every statement, without names, so that none has to be prepared on a connection beforehand.
 *
 * Bytes come as base64: `pg` reads results as text (in its binary mode too, which breaks them), and
 * of PostgreSQL's own text form, hex, a third more would have to be fetched; 8 MiB took half as long
 * (52 against 120 ms).
 */
export function statementsFor(schema: string) {
  const objects = `${quote(schema)}.objects`;
  const cells = `${quote(schema)}.cells`;
  const page = (table: string, column: string) => `
    (SELECT key, octet_length(${column}) AS size FROM ${table}
     WHERE key >= $1 AND key > $2 AND key < $3 ORDER BY key LIMIT ${PAGE})`;
  return {
    get: `SELECT encode(bytes, 'base64') AS bytes FROM ${objects} WHERE key = $1`,

    getRange: `SELECT encode(substring(bytes FROM $2::int FOR $3::int), 'base64') AS bytes
      FROM ${objects} WHERE key = $1`,

    put: `INSERT INTO ${objects} (key, bytes) SELECT $1, $2::bytea FROM ${DURABLY}
      ON CONFLICT (key) DO UPDATE SET bytes = EXCLUDED.bytes`,

    list: `SELECT key, size::text AS size
      FROM (${page(objects, 'bytes')} UNION ALL ${page(cells, 'value')}) AS listed
      ORDER BY key LIMIT ${PAGE}`,

    delete: `WITH deleted AS (
        DELETE FROM ${cells} USING ${DURABLY} WHERE key = ANY ($1::text[])
      ) DELETE FROM ${objects} USING ${DURABLY} WHERE key = ANY ($1::text[])`,

    readCell: `SELECT encode(value, 'base64') AS value, version FROM ${cells} WHERE key = $1`,

    makeCell: `INSERT INTO ${cells} (key, value, version)
      SELECT $1, $2::bytea, $3 FROM ${DURABLY} ON CONFLICT (key) DO NOTHING`,

    changeCell: `UPDATE ${cells} SET value = $2::bytea, version = $3 FROM ${DURABLY}
      WHERE key = $1 AND version = $4`,
  };
}
