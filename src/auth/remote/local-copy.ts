import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { listStorageDatabases } from '../../profile/storage-databases.js';
import { replaceFile } from '../../system/replace-file.js';

const MARKER = 'holdfast-held.json';

/**
 * Under which lease a browser of ours last used this folder, and the newest snapshot that is known
 * to have been taken of it, or to have been brought to it: so that after a crash the next start can
 * tell whether the folder or the store is newer.
 */
export interface LocalCopy {
  session: string;
  generation: number;
  /** The manifest's id: it names a snapshot among all of all stores. Null: there was none yet. */
  snapshot: string | null;
}

export async function writeLocalCopy(userDataDir: string, copy: LocalCopy): Promise<void> {
  // Written at every save: one that a power cut takes away costs a restore.
  await replaceFile(path.join(userDataDir, MARKER), JSON.stringify(copy), { flush: false });
}

/** Null when no browser of ours has used it, or nothing of that can be understood. */
export async function readLocalCopy(userDataDir: string): Promise<LocalCopy | null> {
  try {
    const copy: unknown = JSON.parse(await readFile(path.join(userDataDir, MARKER), 'utf8'));
    const { session, generation, snapshot } = copy as Partial<LocalCopy>;
    const isWhole =
      typeof session === 'string' &&
      typeof generation === 'number' &&
      (snapshot === null || typeof snapshot === 'string');
    return isWhole ? { session, generation, snapshot } : null;
  } catch {
    return null;
  }
}

/** Whether there is something in which a login could be. */
export async function hasProfile(userDataDir: string): Promise<boolean> {
  try {
    return (await stat(path.join(userDataDir, 'Default', 'IndexedDB'))).isDirectory();
  } catch (error) {
    // One that may not be looked at is not one that is not there.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Whether a browser has written to the profile's databases after that time (ISO 8601). */
export async function wasUsedSince(userDataDir: string, time: string | null): Promise<boolean> {
  if (time === null) return false;
  for (const { dir } of await listStorageDatabases(userDataDir)) {
    for (const name of await readdir(dir)) {
      if ((await stat(path.join(dir, name))).mtimeMs > Date.parse(time)) return true;
    }
  }
  return false;
}
