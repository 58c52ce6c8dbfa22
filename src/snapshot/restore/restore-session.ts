import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Check, checkOptions } from '../../check-options.js';
import { HoldfastError } from '../../errors.js';
import { finishLayDown } from '../../profile/lay-down.js';
import type { LiveCookie, LiveValues } from '../../profile/live-values.js';
import { claimIfThere, claimProfile } from '../../profile/profile-claim.js';
import { type BlobReader, isDamage } from '../blob-reader.js';
import { FormatError } from '../decode.js';
import { findSnapshot } from '../find-snapshot.js';
import type { Head, SnapshotInfo } from '../head.js';
import { decodeLiveValues } from '../live-chunks.js';
import { type Manifest, sizeOf } from '../manifest.js';
import {
  type OpenedSession,
  openSession,
  type SessionLocation,
  sessionNotFound,
} from '../open-session.js';
import { readManifest } from '../read-manifest.js';
import { fetchChunks, type RestoreProgress } from './fetch-chunks.js';
import { refuseForeignFolder } from './refuse-foreign-folder.js';
import { replaceFolder } from './replace-folder.js';
import { writeRestoreMarker } from './restore-marker.js';
import { planRestore } from './restore-plan.js';

export interface RestoreOptions extends SessionLocation {
  /** The user data dir to make. What is there is replaced at the very end. */
  targetDir: string;
  /** The sequence number of the snapshot. Default: the newest that verifies. */
  snapshot?: number | undefined;
  /** Also replace a folder that is not empty and not one of Holdfast's. Default: false. */
  overwrite?: boolean | undefined;
  /**
   * How many reads of the store are under way at a time; each takes up to 10 MB of memory. Default:
   * 2, which is enough for a folder; give a store far away 4 or more.
   */
  readsAtOnce?: number | undefined;
  onProgress?: ((progress: RestoreProgress) => void) | undefined;
}

/** A snapshot that lies in a folder now. */
export interface RestoredSnapshot {
  session: string;
  generation: number;
  sequence: number;
  savedAt: string;
  browserVersion: string | null;
  /** Files, and their bytes. */
  files: number;
  bytes: number;
  /** Files that were there already. */
  reusedFiles: number;
  bytesFetched: number;
  /** Whether localStorage and cookies were read from the running browser. */
  live: 'included' | 'not-needed' | 'unavailable';
  /** For `Storage.setCookies` once the browser runs: on disk they are older. */
  cookies: LiveCookie[];
  /** Newer snapshots that do not open, and why. Empty: this is the newest. */
  skipped: SkippedSnapshot[];
}

export interface SkippedSnapshot {
  sequence: number;
  savedAt: string;
  error: HoldfastError;
}

/**
 * How often the head is read again because a writer has removed what it named meanwhile. Each time
 * there is less to fetch, so that a reader catches up with a writer that never pauses.
 */
const TRIES = 50;
const STAGING = '.holdfast-restoring';
const CHECKS: Record<string, Check> = {
  readsAtOnce: [
    (value) => Number.isInteger(value) && Number(value) >= 1,
    'a whole number, 1 or more',
  ],
};

/**
 * Restores a session into a folder, ready to be opened by a browser: fetched into a folder beside
 * it, verified, and put in its place at the end. Interrupted at any moment, the old folder is there
 * or the new one, and the next restore goes on where this one ended.
 *
 * @throws {HoldfastError} INVALID_OPTION; those of openSession; SNAPSHOT_NOT_FOUND; OBJECT_MISSING,
 *   OBJECT_TRUNCATED, OBJECT_ALTERED, OBJECT_MISPLACED or PROFILE_DAMAGED when no snapshot (or not
 *   the one asked for) verifies; PROFILE_IN_USE, DATA_PATH_UNUSABLE, and the store's errors
 */
export async function restoreSession(options: RestoreOptions): Promise<RestoredSnapshot> {
  const target = path.resolve(options.targetDir);
  const staging = target + STAGING;
  checkOptions('', { readsAtOnce: options.readsAtOnce }, CHECKS);
  // First, so that a session that cannot be opened leaves nothing on the disk.
  const opened = await openSession(options);
  try {
    if (options.overwrite !== true) await refuseForeignFolder(target);
    const claim = await claimIfThere(target);
    try {
      await mkdir(staging, { recursive: true, mode: 0o700 });
      const stagingClaim = await claimProfile(staging);
      const restored = await restoreNewest(opened, options, staging, target).finally(() =>
        stagingClaim.release(),
      );
      await replaceFolder(staging, target);
      // The claim went with the old folder: the new one may be somebody else's already.
      return restored;
    } catch (error) {
      await claim?.release();
      throw error;
    }
  } catch (error) {
    throw explain(error, target);
  }
}

async function restoreNewest(
  first: OpenedSession,
  options: RestoreOptions,
  staging: string,
  target: string,
): Promise<RestoredSnapshot> {
  let opened = first;
  for (let attempt = 1; ; attempt++) {
    const skipped: SkippedSnapshot[] = [];
    let moved: OpenedSession | null = null;
    for (const info of candidates(opened.head, options)) {
      try {
        return { ...(await restoreOne(info, opened.reader, options, staging, target)), skipped };
      } catch (error) {
        if (!isDamage(error)) throw error;
        moved = attempt < TRIES ? await headIfMoved(options, opened) : null;
        if (moved) break;
        const { sequence, savedAt } = info;
        skipped.push({ sequence, savedAt, error: error as HoldfastError });
      }
    }
    if (!moved) throw skipped[0]?.error ?? sessionNotFound(opened.reader.session);
    opened = moved;
  }
}

/** A running writer removes what its newest head does not need: that is no damage. */
async function headIfMoved(
  options: RestoreOptions,
  { version }: OpenedSession,
): Promise<OpenedSession | null> {
  const now = await openSession(options);
  return now.version === version ? null : now;
}

function candidates(head: Head, { snapshot }: RestoreOptions): SnapshotInfo[] {
  return snapshot === undefined ? [...head.snapshots].reverse() : [findSnapshot(head, snapshot)];
}

async function restoreOne(
  info: SnapshotInfo,
  reader: BlobReader,
  options: RestoreOptions,
  staging: string,
  target: string,
): Promise<Omit<RestoredSnapshot, 'skipped'>> {
  const { manifest } = await readManifest(reader, info.manifest);
  const live = await readLiveValues(manifest, reader);
  const plan = await planRestore(manifest, reader.sealer, staging, target);
  const { readsAtOnce = 2, onProgress = () => undefined } = options;
  await fetchChunks(plan, reader, readsAtOnce, onProgress);
  await finishLayDown(staging, live);
  const { session, generation, sequence, savedAt, browserVersion } = manifest;
  await writeRestoreMarker(staging, { session, generation, sequence, savedAt, browserVersion });
  return {
    session,
    generation,
    sequence,
    savedAt,
    browserVersion,
    files: manifest.files.size,
    bytes: sizeOf(manifest),
    reusedFiles: plan.reusedFiles,
    bytesFetched: plan.fetchBytes,
    live: manifest.live.state,
    cookies: live?.cookies ?? [],
  };
}

/** Null when none came with the snapshot. */
export async function readLiveValues(
  manifest: Manifest,
  reader: BlobReader,
): Promise<LiveValues | null> {
  if (manifest.live.state !== 'included') return null;
  const parts: Uint8Array[] = [];
  for (const ref of manifest.live.chunks) parts.push(await reader.read(ref));
  try {
    return decodeLiveValues(parts);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new HoldfastError(
      'OBJECT_ALTERED',
      `In the store, the live values of the session ${manifest.session} cannot be read: ${error.message}.`,
    );
  }
}

function explain(error: unknown, target: string): unknown {
  if (error instanceof HoldfastError || !(error instanceof Error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new HoldfastError(
    'DATA_PATH_UNUSABLE',
    `The session could not be restored to ${target}: ${message}. What was there before is ` +
      'unchanged. Make room, or give another folder.',
    { cause: error, transient: code === 'ENOSPC' || code === 'EDQUOT' },
  );
}
