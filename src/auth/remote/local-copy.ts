import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

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
  const file = path.join(userDataDir, MARKER);
  const draft = `${file}.tmp`;
  try {
    await writeFile(draft, JSON.stringify(copy), { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
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
  const stats = await stat(path.join(userDataDir, 'Default', 'IndexedDB')).catch(() => null);
  return stats?.isDirectory() ?? false;
}
