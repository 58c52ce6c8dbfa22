import { relative } from 'node:path';
import { HoldfastError } from '../errors.js';
import { checkDatabase } from './leveldb/check-database.js';
import { type TrimmedFile, trimDatabase } from './leveldb/trim-database.js';
import { refuseSqliteStorage } from './sqlite-layout.js';
import { listStorageDatabases, type StorageDatabase } from './storage-databases.js';

/** What {@link prepareProfile} changed. */
export interface PreparedProfile {
  /** The files that were torn; empty after a clean end of the browser. */
  trimmed: TrimmedFile[];
}

/**
 * Makes a Chromium user data directory safe to open; to be called before every launch, while no
 * browser has it open. A directory that is missing or empty is fine.
 *
 * A crash or a full disk can leave the newest log of a database with half a record at its end.
 * Chromium's LevelDB opens that without complaint and appends behind it; the next opening finds a
 * broken record in the middle and throws the whole database away, and the login with it. Taking
 * the half record out first, at the end or in the middle, loses nothing: it never was readable.
 *
 * All databases are checked before the first is cut, so an error means that nothing was changed:
 * - `PROFILE_DAMAGED`: a database that may hold the login does not check. IndexedDB of any origin
 *   counts, since whose login the profile holds is not known here.
 * - `PROFILE_LAYOUT_UNSUPPORTED`: the browser keeps its storage in SQLite.
 * - `DATA_PATH_UNUSABLE`: the file system did not let it be read or cut. Files that
 *   were already cut then stay so; the call can be repeated.
 */
export async function prepareProfile(userDataDir: string): Promise<PreparedProfile> {
  try {
    await refuseSqliteStorage(userDataDir);
    const databases = await listStorageDatabases(userDataDir);
    const torn: StorageDatabase[] = [];
    for (const database of databases) {
      if (await isTorn(database, userDataDir)) torn.push(database);
    }
    const trimmed: TrimmedFile[] = [];
    for (const { dir } of torn) trimmed.push(...(await trimDatabase(dir)));
    return { trimmed };
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new HoldfastError(
      'DATA_PATH_UNUSABLE',
      `The browser profile ${userDataDir} cannot be checked before launch: ${reason}. ` +
        'Make it readable and writable for this user, and see that the disk is not full.',
      { cause: error },
    );
  }
}

async function isTorn(database: StorageDatabase, userDataDir: string): Promise<boolean> {
  const check = await checkDatabase(database.dir);
  if (check.state === 'damaged' && database.holdsLogin) {
    throw new HoldfastError(
      'PROFILE_DAMAGED',
      `The browser profile ${userDataDir} is damaged: in ${relative(userDataDir, database.dir)}, ` +
        `${check.reason}.`,
    );
  }
  return check.state === 'torn';
}
