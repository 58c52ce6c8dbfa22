import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HoldfastError } from '../../errors.js';
import type { FormerArchive } from '../../objects/former-archives.js';
import { ProfileCapturer } from '../../profile/capture/profile-capturer.js';
import { checkSession } from '../check-session.js';
import type { EncryptionKey } from '../encryption-key.js';
import type { Head } from '../head.js';
import type { SessionLocation } from '../open-session.js';
import { type SavedSnapshot, SessionWriter, type SessionWriterOptions } from '../session-writer.js';
import { inTemporaryFolder } from './import-archive.js';
import { isSealedArchive } from './sealed-archive.js';
import { unpackSession } from './unpack-session.js';

/** A session that was taken over from an archive of whatsapp-web.js's RemoteAuth. */
export interface AdoptedSession {
  session: string;
  /** Where the archive lies, and still does: `the GridFS bucket whatsapp-RemoteAuth`. */
  place: string;
  /** Of the archive. */
  bytes: number;
  /** When the archive was made, as ISO 8601, UTC; null when its place does not say. */
  savedAt: string | null;
}

export interface AdoptOptions {
  /** Opens archives that RemoteAuth has sealed in a store of whole archives. */
  encryptionKey?: EncryptionKey | undefined;
  /** Where it is unpacked for a while. Default: the system's temporary folder. */
  temporaryDir?: string | undefined;
}

/**
 * Whether an older archive is to be taken for the session: nothing of it was ever saved here, and
 * nobody has logged out of it.
 */
export function isUnknown(head: Head | null): boolean {
  return head === null || (head.state === 'linked' && head.snapshots.length === 0);
}

/**
 * Saves what is in an archive of whatsapp-web.js as the session's first snapshot. The archive stays.
 *
 * @throws {HoldfastError} those of `unpackSession` and of `SessionWriter.save`, and the store's; the
 *   message names the archive
 */
export async function adoptArchive(
  archive: FormerArchive,
  writer: SessionWriter,
  { encryptionKey, temporaryDir }: AdoptOptions,
): Promise<SavedSnapshot> {
  const { session } = archive;
  return inTemporaryFolder(temporaryDir, async (folder) => {
    const userDataDir = path.join(folder, 'profile');
    const zipFile = path.join(folder, `${session}.zip`);
    try {
      await fetchArchive(archive, zipFile);
      const key = (await isSealedArchive(zipFile)) ? encryptionKey : undefined;
      await unpackSession(zipFile, { session, encryptionKey: key, userDataDir });
    } catch (error) {
      throw explained(error, archive);
    }
    const profile = await new ProfileCapturer(userDataDir).capture();
    try {
      const saved = await writer.save(profile);
      if (saved === null) throw new Error('a session without snapshots has no current one');
      return saved;
    } finally {
      await profile.release();
    }
  });
}

/**
 * The same of a session that nobody holds: takes it for that.
 *
 * @throws {HoldfastError} those of `SessionWriter.open` and of `adoptArchive`
 */
export async function adoptUnheld(
  archive: FormerArchive,
  location: SessionWriterOptions,
): Promise<SavedSnapshot> {
  const { encryptionKey } = location;
  return adoptArchive(archive, await SessionWriter.open(location), { encryptionKey });
}

export function describeAdopted({ session, place, bytes, savedAt }: FormerArchive): AdoptedSession {
  return { session, place, bytes, savedAt: savedAt?.toISOString() ?? null };
}

/**
 * Reads back all that was saved of an archive; to be called before that is deleted.
 *
 * @throws {HoldfastError} what keeps the snapshot from being restored
 */
export async function verifyAdopted(location: SessionLocation): Promise<void> {
  const { snapshots } = await checkSession({ ...location, deep: true });
  const problem = snapshots[0]?.problem ?? null;
  if (problem !== null) throw problem;
}

async function fetchArchive(archive: FormerArchive, zipFile: string): Promise<void> {
  const file = createWriteStream(zipFile, { flags: 'wx', mode: 0o600 });
  await pipeline(archive.read(), file);
  if (file.bytesWritten === archive.bytes) return;
  throw new HoldfastError(
    'ARCHIVE_DAMAGED',
    `It has ${file.bytesWritten} bytes, and its place says ${archive.bytes}.`,
  );
}

/** Also what to do when there is no better one: the session is not begun anew by itself. */
function explained(error: unknown, { session, place }: FormerArchive): unknown {
  if (!(error instanceof HoldfastError)) return error;
  if (!/^(ARCHIVE|PROFILE)_/.test(error.code)) return error;
  return new HoldfastError(
    error.code,
    `The session ${session} was found as an archive of whatsapp-web.js, in ${place}, but cannot be ` +
      `taken over: ${error.message} To link it anew instead, delete the archive: \`holdfast rm\`.`,
    { cause: error, transient: error.transient },
  );
}
