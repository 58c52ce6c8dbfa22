import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isCarried } from '../../profile/file-set.js';

export interface ProfileFile {
  /** Relative to the user data directory, with `/`. */
  path: string;
  size: number;
}

/** The carried files of a profile, in the order of their paths. Links are not followed. */
export async function listProfileFiles(userDataDir: string): Promise<ProfileFile[]> {
  const files: ProfileFile[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(join(userDataDir, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (folder !== '' || entry.name === 'Default') folders.push(path);
      } else if (entry.isFile() && isCarried(path)) {
        files.push({ path, size: (await lstat(join(userDataDir, path))).size });
      }
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const NEEDED = { IndexedDB: 'Default/IndexedDB/', 'Local Storage': 'Default/Local Storage/' };

/** What a login cannot be without and is not among these files. */
export function missingStorage(paths: Iterable<string>): string[] {
  const missing = new Map(Object.entries(NEEDED));
  for (const path of paths) {
    for (const [name, folder] of missing) if (path.startsWith(folder)) missing.delete(name);
    if (missing.size === 0) break;
  }
  return [...missing.keys()];
}
