import { chmod, type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HoldfastError } from '../../errors.js';
import { writePreferences } from '../../profile/lay-down.js';
import { ArchiveFault, explainReadError } from './archive-fault.js';
import { missingStorage } from './profile-files.js';
import {
  type ArchivedFile,
  type ArchiveLimits,
  DEFAULT_LIMITS,
  surveyArchive,
} from './survey-archive.js';
import { unpackFile } from './unpack-file.js';
import type { ArchiveProgress } from './write-archive.js';

export interface ReadArchiveOptions {
  /** Called after every piece of a file. */
  onProgress?: ((progress: ArchiveProgress) => void) | undefined;
  limits?: Partial<ArchiveLimits> | undefined;
}

/**
 * Unpacks the archive of a session, as whatsapp-web.js's RemoteAuth or {@link writeArchive} makes
 * it, into a new user data directory: only what belongs to a session, for this user only.
 *
 * The archive comes from a store that others may write to, so nothing in it is believed: the whole
 * of what it says about itself is checked before the first file is written, and every file against
 * its size and checksum. Whether the databases in it are whole is not looked at here; archives of a
 * running browser can be torn, see `prepareProfile`.
 *
 * @param userDataDir must not exist, or be empty; after an error it is gone
 * @throws {HoldfastError} ARCHIVE_DAMAGED, ARCHIVE_REFUSED, PROFILE_EMPTY, DATA_PATH_UNUSABLE
 */
export async function readArchive(
  zipFile: string,
  userDataDir: string,
  options: ReadArchiveOptions = {},
): Promise<void> {
  try {
    const archive = await open(zipFile, 'r');
    try {
      const files = await surveyArchive(archive, { ...DEFAULT_LIMITS, ...options.limits });
      refuseEmpty(files);
      await createFolder(userDataDir);
      await unpackAll(archive, files, userDataDir, options);
    } finally {
      await archive.close();
    }
  } catch (error) {
    throw explainReadError(error, zipFile, userDataDir);
  }
}

function refuseEmpty(files: ArchivedFile[]): void {
  const missing = missingStorage(files.map(({ path }) => path));
  if (missing.length === 0) return;
  throw new ArchiveFault('PROFILE_EMPTY', `there is no ${missing.join(' and no ')} in it`);
}

async function createFolder(userDataDir: string): Promise<void> {
  await mkdir(dirname(userDataDir), { recursive: true });
  try {
    await mkdir(userDataDir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await readdir(userDataDir)).length > 0) {
      throw new HoldfastError(
        'DATA_PATH_UNUSABLE',
        `The folder ${userDataDir} is not empty; what is in it was not touched. ` +
          'Unpack the archive into a new folder.',
      );
    }
    await chmod(userDataDir, 0o700);
  }
}

async function unpackAll(
  archive: FileHandle,
  files: ArchivedFile[],
  userDataDir: string,
  { onProgress }: ReadArchiveOptions,
): Promise<void> {
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  let doneBytes = 0;
  const onBytes = (count: number) => {
    doneBytes += count;
    onProgress?.({ doneBytes, totalBytes });
  };
  try {
    let folder = '';
    for (const file of files) {
      const target = join(userDataDir, file.path);
      if (dirname(target) !== folder) {
        folder = dirname(target);
        await mkdir(folder, { recursive: true, mode: 0o700 });
      }
      await unpackFile(archive, file, target, onBytes);
    }
    await writePreferences(userDataDir);
  } catch (error) {
    await removeFolder(userDataDir);
    throw error;
  }
}

/** A mount point is emptied and stays; why the archive could not be unpacked is what matters. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}
