import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../errors.js';

const REMOVING = '.removing-';
/** A browser that starts writes some megabytes at once; this much shows that the disk takes any. */
const PROBE_BYTES = 64 * 1024;

const REASONS: Record<string, string> = {
  EEXIST: 'a file of that name is in the way',
  ENOTDIR: 'a file is in the way of one of its folders',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * Makes the folder if it is not there, and makes sure that a browser can write in it.
 *
 * @throws {HoldfastError} DATA_PATH_UNUSABLE
 */
export async function openSessionFolder(folder: string): Promise<void> {
  const probe = path.join(folder, `holdfast-probe-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, Buffer.alloc(PROBE_BYTES), { mode: 0o600 });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new HoldfastError(
      'DATA_PATH_UNUSABLE',
      `The session folder ${folder} cannot be used: ${REASONS[code] ?? message}. ` +
        'Nothing was changed. Make room or give another dataPath.',
      { cause, transient: code === 'ENOSPC' || code === 'EDQUOT' },
    );
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Removes what an interrupted removal of this folder left. */
export async function sweepRemovedFolders(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  const prefix = path.basename(folder) + REMOVING;
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Removes the folder. It first gets another name, so that an interrupted removal leaves no half
 * profile that would be believed.
 *
 * @throws {HoldfastError} PROFILE_NOT_REMOVED after `maxRetries` tries with growing pauses: on
 *   Windows a file that a virus scanner has open cannot be removed
 */
export async function removeSessionFolder(folder: string, maxRetries: number): Promise<void> {
  const aside = folder + REMOVING + randomBytes(4).toString('hex');
  try {
    const moved = await withRetries(maxRetries, () => rename(folder, aside)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (moved) await rm(aside, { recursive: true, force: true, maxRetries, retryDelay: 100 });
  } catch (cause) {
    throw new HoldfastError(
      'PROFILE_NOT_REMOVED',
      `The device is logged out, but its folder ${folder} could not be removed: ` +
        `${(cause as Error).message}. Remove it by hand.`,
      { cause },
    );
  }
}

/** Moves a folder that cannot be used out of the way; nothing in it is changed. */
export async function moveSessionFolderAside(folder: string): Promise<string> {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const aside = `${folder}.damaged-${stamp}`;
  await rename(folder, aside);
  return aside;
}

async function withRetries(maxRetries: number, attempt: () => Promise<void>): Promise<void> {
  for (let retry = 0; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const passes = code === 'EBUSY' || code === 'EPERM' || code === 'EACCES';
      if (!passes || retry >= maxRetries) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * (retry + 1)));
    }
  }
}
