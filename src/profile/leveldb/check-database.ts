import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelDBFormatError } from './byte-reader.js';
import { verifyLogs, verifyTable } from './deep-check.js';
import { readLiveLogs } from './live-log.js';
import { forEachLiveTable } from './live-tables.js';
import { readManifest } from './manifest.js';

/** A MANIFEST or log that holds parts of records which were never whole. */
export interface TornFile {
  /** Its path. */
  file: string;
  /** Its length in bytes. */
  size: number;
  /** Its length up to the end of its last whole record, in bytes. */
  wholeEnd: number;
  /** Whether whole records were appended behind such a part; then cutting the end is not enough. */
  appended: boolean;
}

/**
 * What a database is:
 * - `ok`: LevelDB opens it, with everything in it; or there is nothing in it yet.
 * - `torn`: the same once the parts that never were whole records are taken out of these files
 *   (see trimDatabase).
 * - `damaged`: something is missing or does not check; `reason` says what.
 */
export type DatabaseCheck =
  | { state: 'ok' }
  | { state: 'torn'; torn: TornFile[] }
  | { state: 'damaged'; reason: string };

export interface CheckOptions {
  /**
   * Also read all that the database holds: every block of every live table is verified and
   * unfolded, every write in the logs is decoded, and none may be missing from their sequence.
   * Takes seconds where the quick check takes milliseconds; never holds up the event loop for
   * long, and needs little memory. Default: false.
   */
  deep?: boolean;
}

/**
 * Checks the LevelDB database in `dir`, which no process may be writing: CURRENT, MANIFEST, the
 * presence, sizes and footers of the live tables, and every record of the live logs.
 *
 * Stricter than DBImpl::Recover (db/db_impl.cc) where LevelDB loses data in silence: a missing live
 * log, and a torn one that a later log does not go on from. Errors of the file system are thrown as
 * they are.
 */
export async function checkDatabase(
  dir: string,
  options: CheckOptions = {},
): Promise<DatabaseCheck> {
  try {
    const torn = await findTornFiles(dir, options.deep === true);
    return torn.length === 0 ? { state: 'ok' } : { state: 'torn', torn };
  } catch (error) {
    if (error instanceof LevelDBFormatError) return { state: 'damaged', reason: error.message };
    throw error;
  }
}

async function findTornFiles(dir: string, deep: boolean): Promise<TornFile[]> {
  const names = await readdir(dir);
  const manifest = await readManifest(dir, names);
  if (!manifest) return [];

  const { version, isTorn, ...file } = manifest;
  const torn: TornFile[] = isTorn ? [{ ...file, appended: false }] : [];
  await forEachLiveTable(dir, names, version, async (table) => {
    if (deep) await verifyTable(table);
  });
  const logs = await readLiveLogs(dir, names, version);
  if (deep) verifyLogs(logs, version);
  for (const { name, size, batches, wholeEnd, endDamage } of logs) {
    const appended = batches.some(({ damage }) => damage);
    if (appended || endDamage) torn.push({ file: join(dir, name), size, wholeEnd, appended });
  }
  return torn;
}
