import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A LevelDB directory of a Chromium profile. */
export interface StorageDatabase {
  dir: string;
  /**
   * Whether a login may live in it: true for IndexedDB of every origin and for Local Storage. The
   * others are rebuilt by Chromium when they do not open, at the cost of what is in them only.
   */
  holdsLogin: boolean;
}

/** The LevelDB directories present in `userDataDir` that pages keep their state in. */
export async function listStorageDatabases(userDataDir: string): Promise<StorageDatabase[]> {
  const profile = join(userDataDir, 'Default');
  const found: StorageDatabase[] = [];
  for (const indexedDB of await listIndexedDBFolders(userDataDir)) {
    for (const { name } of await listFolder(indexedDB)) {
      if (name.endsWith('.leveldb')) found.push({ dir: join(indexedDB, name), holdsLogin: true });
    }
  }
  const single: StorageDatabase[] = [
    { dir: join(profile, 'Local Storage', 'leveldb'), holdsLogin: true },
    { dir: join(profile, 'Session Storage'), holdsLogin: false },
    { dir: join(profile, 'Service Worker', 'Database'), holdsLogin: false },
  ];
  for (const database of single) {
    if ((await listFolder(database.dir)).length > 0) found.push(database);
  }
  return found;
}

/** The folders that hold IndexedDB: one for default buckets, one for each named storage bucket. */
export async function listIndexedDBFolders(userDataDir: string): Promise<string[]> {
  const profile = join(userDataDir, 'Default');
  const webStorage = join(profile, 'WebStorage');
  const buckets = (await listFolder(webStorage)).filter((entry) => entry.isDirectory());
  return [
    join(profile, 'IndexedDB'),
    ...buckets.map(({ name }) => join(webStorage, name, 'IndexedDB')),
  ];
}

/** What is in a folder, by name; nothing when it does not exist. */
export async function listFolder(path: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
