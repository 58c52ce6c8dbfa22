import { rm } from 'node:fs/promises';
import { finishLayDown } from '../../profile/lay-down.js';
import type { EncryptionKey } from '../encryption-key.js';
import { writeRestoreMarker } from '../restore/restore-marker.js';
import { listProfileFiles } from './profile-files.js';
import { readArchive } from './read-archive.js';
import { openArchive, requireKey } from './sealed-archive.js';

export interface UnpackOptions {
  session: string;
  encryptionKey: EncryptionKey | undefined;
  /** The user data dir to make, which must not exist. */
  userDataDir: string;
}

/**
 * Unpacks a session's archive, sealed or not, into a folder that a browser may open: everything in
 * it is checked, and what a running browser left half-written is cut off.
 *
 * @returns the bytes of its files
 * @throws {HoldfastError} ARCHIVE_DAMAGED, ARCHIVE_REFUSED, PROFILE_EMPTY, PROFILE_DAMAGED,
 *   PROFILE_LAYOUT_UNSUPPORTED, KEY_MISSING, KEY_WRONG, KEY_UNAVAILABLE, INVALID_KEY,
 *   SESSION_NOT_SEALED, FORMAT_UNSUPPORTED, DATA_PATH_UNUSABLE
 */
export async function unpackSession(
  archive: string,
  { session, encryptionKey, userDataDir }: UnpackOptions,
): Promise<number> {
  await requireKey(archive, session, encryptionKey);
  if (encryptionKey === undefined) {
    await readArchive(archive, userDataDir);
  } else {
    const zipFile = `${userDataDir}.zip`;
    await openArchive(archive, zipFile, session, encryptionKey);
    await readArchive(zipFile, userDataDir).finally(() =>
      rm(zipFile, { force: true, maxRetries: 5 }),
    );
  }
  await finishLayDown(userDataDir, null);
  await writeRestoreMarker(userDataDir, {
    session,
    generation: 0,
    sequence: 0,
    savedAt: new Date().toISOString(),
    browserVersion: null,
  });
  const files = await listProfileFiles(userDataDir);
  return files.reduce((sum, { size }) => sum + size, 0);
}
