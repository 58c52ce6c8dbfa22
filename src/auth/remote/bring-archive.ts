import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import { lastBrowserVersion } from '../../profile/browser-version.js';
import { prepareProfile } from '../../profile/prepare-profile.js';
import { requireKey } from '../../snapshot/archive/sealed-archive.js';
import { unpackSession } from '../../snapshot/archive/unpack-session.js';
import { waitUntilWhole } from '../../snapshot/archive/wait-until-whole.js';
import type { EncryptionKey } from '../../snapshot/encryption-key.js';
import { replaceFolder } from '../../snapshot/restore/replace-folder.js';
import { hashFile } from '../../system/hash-file.js';
import { readMarker, type UnlinkedNote, writeMarker } from './archive-notes.js';
import type { ArchiveStore } from './archive-store.js';
import { hasProfile } from './local-copy.js';
import type { BroughtProfile } from './stored-session.js';
import type { WorkFolder } from './work-folder.js';

export interface BringOptions {
  store: ArchiveStore;
  session: string;
  encryptionKey: EncryptionKey | undefined;
  unlinked: UnlinkedNote;
  /** Goes into the marker of what is restored. */
  run: string;
  /** How long an archive that is not whole yet may stand still, in milliseconds. */
  extractMs: number;
}

export interface BroughtArchive {
  brought: BroughtProfile;
  /** Those that the profile in the folder is not behind. */
  archives: string[];
}

/**
 * Brings the newest profile into the folder: leaves the one that is there if the archive in the
 * store is the last that was made of it, or the one it was restored from, since then nobody else
 * has saved meanwhile. A login that has ended is not restored.
 */
export async function bringArchive(
  userDataDir: string,
  work: WorkFolder,
  options: BringOptions,
): Promise<BroughtArchive> {
  const { store, session, encryptionKey, unlinked, extractMs } = options;
  if (!(await store.exists())) return { brought: await keep(userDataDir, false), archives: [] };
  const sha256 = await fetchArchive(store, session, work.archive, extractMs);
  if (await unlinked.covers(sha256)) {
    return { brought: await keep(userDataDir, false), archives: [sha256] };
  }
  const archives = await readMarker(userDataDir, session);
  if (archives.includes(sha256)) {
    // Else a sealed session would be saved without its key next.
    await requireKey(work.archive, session, encryptionKey);
    const brought = await keep(userDataDir, true).catch(nullIfDamaged);
    if (brought?.from === 'disk') return { brought, archives };
  }
  return { brought: await restore(userDataDir, work, sha256, options), archives: [sha256] };
}

/**
 * Fetches the archive that the store has.
 *
 * @returns its SHA-256
 * @throws {HoldfastError} STORE_UNREACHABLE, ARCHIVE_NOT_FOUND
 */
export async function fetchArchive(
  store: ArchiveStore,
  session: string,
  target: string,
  extractMs: number,
): Promise<string> {
  await store.extract(target);
  if (await waitUntilWhole(target, extractMs)) return hashFile(target);
  throw new HoldfastError(
    'ARCHIVE_NOT_FOUND',
    `The store says that it has extracted the session ${session}, but there is no file at ${target}. ` +
      'Nothing was changed. See that its extract writes to the path that it is given.',
  );
}

async function keep(userDataDir: string, isStored: boolean): Promise<BroughtProfile> {
  if (!(await hasProfile(userDataDir))) return { from: 'nowhere', isStored, browserVersion: null };
  await prepareProfile(userDataDir);
  return { from: 'disk', isStored, browserVersion: await lastBrowserVersion(userDataDir) };
}

/** The folder is touched at the very end, by a rename. */
async function restore(
  userDataDir: string,
  work: WorkFolder,
  sha256: string,
  { session, encryptionKey, run }: BringOptions,
): Promise<BroughtProfile> {
  const staging = work.file('restored');
  const bytesFetched = (await stat(work.archive)).size;
  const to = { session, encryptionKey, userDataDir: staging };
  const bytes = await unpackSession(work.archive, to);
  await writeMarker(staging, { session, archives: [sha256], run });
  await mkdir(path.dirname(userDataDir), { recursive: true });
  await replaceFolder(staging, userDataDir);
  return {
    from: 'store',
    isStored: true,
    browserVersion: null,
    sequence: 0,
    savedAt: null,
    bytes,
    bytesFetched,
    skipped: [],
  };
}

function nullIfDamaged(error: unknown): null {
  if (error instanceof HoldfastError && error.code === 'PROFILE_DAMAGED') return null;
  throw error;
}
