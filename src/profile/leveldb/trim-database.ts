import { open } from 'node:fs/promises';
import { checkDatabase, type TornFile } from './check-database.js';

/**
 * Cuts MANIFEST and newest log of the LevelDB database in `dir` at the end of their last whole
 * record, on disk when this resolves, and returns what was cut. Changes nothing in a database that
 * is damaged elsewhere. No process may have the database open.
 */
export async function trimDatabase(dir: string): Promise<TornFile[]> {
  const check = await checkDatabase(dir);
  if (check.state !== 'torn') return [];
  for (const { file, wholeEnd } of check.torn) await cut(file, wholeEnd);
  return check.torn;
}

async function cut(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(length);
    await file.sync();
  } finally {
    await file.close();
  }
}
