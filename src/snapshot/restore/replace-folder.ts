import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const OLD = '.holdfast-old-';
const TRIES = 10;

/**
 * Puts `staging` in the place of `target`. The old folder is moved aside first and removed last, so
 * that at every moment one of the two is whole under a name that the next restore finds.
 */
export async function replaceFolder(staging: string, target: string): Promise<void> {
  const aside = target + OLD + randomBytes(4).toString('hex');
  const isReplaced = await renamePatiently(target, aside);
  try {
    if (!(await renamePatiently(staging, target))) throw new Error(`${staging} has gone`);
  } catch (error) {
    if (isReplaced) await rename(aside, target).catch(() => undefined);
    throw error;
  }
  await removeOldFolders(target);
}

async function removeOldFolders(target: string): Promise<void> {
  const parent = path.dirname(target);
  const prefix = path.basename(target) + OLD;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    // What cannot be removed now is tried again by the next restore.
    await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** On Windows a virus scanner keeps what was just written open for a while. @returns false: not there */
async function renamePatiently(from: string, to: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return true;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return false;
      if (!['EBUSY', 'EPERM', 'EACCES'].includes(code) || attempt === TRIES) throw error;
      await sleep(20 * attempt);
    }
  }
}
