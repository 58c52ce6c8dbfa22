import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CapturedProfile } from '../../profile/capture/captured-profile.js';
import { fingerprintOfLaidDown } from '../../profile/capture/fingerprint.js';
import { layDownCapture } from '../../profile/capture/lay-down-capture.js';
import { finishLayDown } from '../../profile/lay-down.js';
import { hashFile } from '../../system/hash-file.js';
import type { EncryptionKey } from '../encryption-key.js';
import { sealArchive } from './sealed-archive.js';
import { writeArchive } from './write-archive.js';

export interface ArchiveCaptureOptions {
  /** The archive to make; what is laid down for it goes beside it for a while. */
  archive: string;
  session: string;
  /** With one, the archive is sealed, and nothing else is left when this resolves or rejects. */
  encryptionKey: EncryptionKey | undefined;
}

export interface ArchivedCapture {
  bytes: number;
  /** Of the archive's content, in hex. */
  sha256: string;
  /** Of what is in it: see `fingerprintOf`. */
  fingerprint: string;
}

/**
 * Makes an archive of a captured profile, complete in itself: localStorage as the browser had it in
 * memory is in the database that the archive holds. Lets go of the capture.
 *
 * @throws {HoldfastError} CAPTURE_FAILED, PROFILE_DAMAGED, PROFILE_EMPTY, INVALID_KEY,
 *   KEY_UNAVAILABLE, DATA_PATH_UNUSABLE; errors of the file system as they are
 */
export async function archiveCapture(
  profile: CapturedProfile,
  { archive, session, encryptionKey }: ArchiveCaptureOptions,
): Promise<ArchivedCapture> {
  const folder = path.dirname(archive);
  const laidDown = path.join(folder, 'captured');
  const zipFile = encryptionKey === undefined ? archive : path.join(folder, 'captured.zip');
  try {
    await layDownCapture(profile, laidDown);
    await profile.release();
    const fingerprint = await fingerprintOfLaidDown(profile, laidDown);
    await finishLayDown(laidDown, profile.live.state === 'included' ? profile.live.values : null);
    await writeArchive(laidDown, zipFile);
    await rm(laidDown, { recursive: true, force: true, maxRetries: 5 });
    if (encryptionKey !== undefined) await sealArchive(zipFile, archive, session, encryptionKey);
    return { bytes: (await stat(archive)).size, sha256: await hashFile(archive), fingerprint };
  } finally {
    await rm(laidDown, { recursive: true, force: true, maxRetries: 5 });
    if (zipFile !== archive) await rm(zipFile, { force: true, maxRetries: 5 });
  }
}
