import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { useService } from '../../services/services.js';

/** A name that no other test, or run of the tests, uses. */
export function uniqueName(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}

/** Runs statements as the superuser. */
export async function asSuperuser<Row = unknown>(...statements: string[]): Promise<Row[]> {
  const pool = new Pool({ connectionString: (await useService('postgres')).url, max: 1 });
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await pool.query(statement)).rows as Row[];
    return rows;
  } finally {
    await pool.end();
  }
}

/** The URL with parts of it changed. */
export function changed(url: string, changes: Partial<URL>): string {
  return Object.assign(new URL(url), changes).href;
}
