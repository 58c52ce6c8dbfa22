import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepareProfile } from '../../profile/prepare-profile.js';
import { dataPathError } from '../../system/data-path-error.js';
import { ProfileSaver } from '../profile-saver.js';
import type { SavedSnapshot, SessionWriterOptions } from '../session-writer.js';
import { type ReadArchiveOptions, readArchive } from './read-archive.js';

export interface ImportOptions extends SessionWriterOptions, ReadArchiveOptions {
  /** The archive: whatsapp-web.js's RemoteAuth makes such, and so does `exportSession`. */
  zipFile: string;
  /** Where it is unpacked for a while. Default: the system's temporary folder. */
  temporaryDir?: string | undefined;
}

/**
 * Saves what is in an archive as a session's newest snapshot. Null when that snapshot says the same
 * already.
 *
 * @throws {HoldfastError} ARCHIVE_DAMAGED, ARCHIVE_REFUSED, PROFILE_EMPTY, PROFILE_DAMAGED,
 *   PROFILE_LAYOUT_UNSUPPORTED, DATA_PATH_UNUSABLE, those of `SessionWriter.open`, and the store's
 */
export async function importArchive(options: ImportOptions): Promise<SavedSnapshot | null> {
  const { zipFile, temporaryDir, onProgress, limits, ...writerOptions } = options;
  return inTemporaryFolder(temporaryDir, async (folder) => {
    const userDataDir = path.join(folder, 'profile');
    await readArchive(zipFile, userDataDir, { onProgress, limits });
    // One that was made of a running browser may have a torn log.
    await prepareProfile(userDataDir);
    const saver = await ProfileSaver.open({ ...writerOptions, userDataDir });
    return saver.save();
  });
}

/** A folder that is gone afterwards, whatever happens. */
export async function inTemporaryFolder<T>(
  parent: string | undefined,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await makeTemporaryFolder(path.resolve(parent ?? tmpdir()));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function makeTemporaryFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(path.join(parent, 'holdfast-archive-'));
  } catch (error) {
    throw dataPathError(`No temporary folder can be made in ${parent}`, error as Error);
  }
}
