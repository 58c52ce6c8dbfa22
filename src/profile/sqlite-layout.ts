import { open } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HoldfastError } from '../errors.js';
import { listFolder, listIndexedDBFolders } from './storage-databases.js';

/**
 * Finds storage that Chromium keeps in SQLite instead of LevelDB, and returns its path.
 *
 * The SQLite backends (features IdbSqliteBackingStore and DomStorageSqlite) are compiled into
 * Chromium 156 and off by default. Measured there: with IndexedDB's on, an origin's databases are
 * `IndexedDB/<origin>/<hash>`, those of a named bucket `WebStorage/<bucket>/IndexedDB/<hash>`; and
 * whichever backend opens an origin deletes what the other one kept for it. Local Storage is the
 * file `LocalStorage`; both backends' files stay, each with its own values.
 */
export async function findSqliteStorage(userDataDir: string): Promise<string | undefined> {
  for (const folder of await listIndexedDBFolders(userDataDir)) {
    for (const entry of await listFolder(folder)) {
      const path = join(folder, entry.name);
      const files = entry.isDirectory() && isOriginFolder(entry.name) ? await filesIn(path) : [];
      if (entry.isFile()) files.push(path);
      for (const file of files) if (await isSqlite(file)) return file;
    }
  }

  const profile = join(userDataDir, 'Default');
  const localStorage = (await listFolder(profile)).find(({ name }) => name === 'LocalStorage');
  if (localStorage?.isFile() && (await isSqlite(join(profile, localStorage.name)))) {
    const levelDB = await listFolder(join(profile, 'Local Storage', 'leveldb'));
    if (levelDB.length === 0) return join(profile, localStorage.name);
  }
  return undefined;
}

/** LevelDB's layout has only folders with these suffixes. */
function isOriginFolder(name: string): boolean {
  return !name.endsWith('.leveldb') && !name.endsWith('.blob');
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await listFolder(folder);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
}

/** The first 16 bytes of every SQLite database (sqlite.org/fileformat.html). */
const SQLITE_HEADER = Buffer.from('SQLite format 3\0');

async function isSqlite(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const header = Buffer.alloc(SQLITE_HEADER.length);
    await file.read(header, 0, header.length, 0);
    return header.equals(SQLITE_HEADER);
  } finally {
    await file.close();
  }
}

/** @throws {HoldfastError} PROFILE_LAYOUT_UNSUPPORTED */
export async function refuseSqliteStorage(userDataDir: string): Promise<void> {
  const file = await findSqliteStorage(userDataDir);
  if (file === undefined) return;
  throw new HoldfastError(
    'PROFILE_LAYOUT_UNSUPPORTED',
    `The browser profile ${userDataDir} keeps its storage in SQLite (${relative(userDataDir, file)}), ` +
      'which Holdfast does not support; opening it with LevelDB would delete the login. ' +
      'Nothing was changed. Use another data path, or link again there.',
  );
}
