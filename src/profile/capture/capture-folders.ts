import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import { holdsLogin } from '../file-set.js';
import { isManifestName, logNumberOf } from '../leveldb/file-names.js';
import {
  type CapturedDatabase,
  captureDatabase,
  type DatabaseCaptureContext,
  SequenceGap,
} from './capture-database.js';
import { captureBlobs, captureChangingFiles } from './capture-files.js';
import { captureSqlite } from './capture-sqlite.js';
import type { CapturedFile } from './captured-profile.js';
import { blobFolderOf, listBlobs, listProfile } from './list-profile.js';
import type { Pin } from './pin.js';
import { isPassing } from './profile-files.js';
import { pauseAfter, retryWhile, TRIES } from './retry.js';
import { stampOf } from './stamp.js';

/** What the last capture found in each database, to be taken again if nothing has changed there. */
export type FolderMemory = Map<string, { signature: string; files: CapturedFile[] }>;

export interface FileCaptureContext extends DatabaseCaptureContext {
  memory: FolderMemory;
}

/** A gap in the sequence that is found so often is in the database itself. */
const TRIES_FOR_GAP = 3;

/** Captures everything that is carried. */
export async function captureFolders(
  context: FileCaptureContext,
): Promise<{ files: CapturedFile[]; leftOut: string[]; release(): Promise<void> }> {
  const { files: fileSystem, userDataDir, isStored } = context;
  const captured: CapturedFile[] = [];
  const leftOut: string[] = [];
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    for (const each of releases.splice(0)) await each();
  };
  try {
    const listing = await listProfile(fileSystem, userDataDir);
    if (!listing.databases.some(holdsLogin)) throw emptyProfile(userDataDir);
    for (const folder of listing.databases) {
      const database = await captureWithBlobs(folder, context);
      releases.push(database.release);
      if (database.files === null) leftOut.push(folder);
      else captured.push(...database.files);
    }
    // A database that is just being created has no files yet.
    const isLogin = (folder: string) =>
      holdsLogin(folder) && captured.some((file) => file.path.startsWith(`${folder}/`));
    if (!listing.databases.some(isLogin)) throw emptyProfile(userDataDir);
    for (const file of listing.sqlite) {
      const found = await captureSqlite(fileSystem, userDataDir, file, isStored);
      if (found === null) leftOut.push(file);
      else captured.push(...found);
    }
    captured.push(...(await captureChangingFiles(fileSystem, userDataDir, listing.others)));
    return { files: captured, leftOut, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** @returns files null: the database does not check, and holds no login */
async function captureWithBlobs(
  folder: string,
  context: FileCaptureContext,
): Promise<{ files: CapturedFile[] | null; release(): Promise<void> }> {
  const blobFolder = blobFolderOf(folder);
  const blobs = new Map<string, { file: CapturedFile; pin: Pin | null }>();
  const captureThem = async () => {
    if (blobFolder === folder) return;
    await retryWhile(isPassing, async () => {
      const paths = await listBlobs(context.files, context.userDataDir, blobFolder);
      await captureBlobs(context, context.userDataDir, paths, blobs);
    });
  };
  let database: CapturedDatabase | null = null;
  const release = async () => {
    await database?.release();
    for (const { pin } of blobs.values()) await pin?.release();
  };
  try {
    await captureThem();
    database = await captureUnlessSame(folder, context, captureThem);
    await captureThem();
    const files = database && [...database.files, ...[...blobs.values()].map(({ file }) => file)];
    return { files, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function captureUnlessSame(
  folder: string,
  context: FileCaptureContext,
  pinBlobs: () => Promise<void>,
): Promise<CapturedDatabase | null> {
  const signature = await signatureOf(folder, context);
  const known = context.memory.get(folder);
  const isSame =
    known !== undefined &&
    known.signature === signature &&
    known.files.every(({ path: name, stamp }) => stamp !== null && context.isStored(name, stamp));
  if (isSame) return { files: known.files, release: async () => undefined };
  const database = await captureWithRetries(folder, context, pinBlobs);
  // Taken before the capture: what came after it makes the next one look again.
  if (database && signature !== null) {
    context.memory.set(folder, { signature, files: database.files });
  }
  return database;
}

/** Everything that grows or is replaced; tables come and go with the MANIFEST. */
async function signatureOf(folder: string, context: FileCaptureContext): Promise<string | null> {
  const dir = path.join(context.userDataDir, folder);
  try {
    const names = (await context.files.readdir(dir)).sort();
    const telling = names.filter((name) => isManifestName(name) || logNumberOf(name) !== undefined);
    const stamps = await Promise.all(
      telling.map(async (name) =>
        stampOf(await context.files.stat(path.join(dir, name), { bigint: true })),
      ),
    );
    return JSON.stringify([names, stamps.map(({ text }) => text)]);
  } catch (error) {
    if (isPassing(error)) return null;
    throw error;
  }
}

async function captureWithRetries(
  folder: string,
  context: FileCaptureContext,
  pinBlobs: () => Promise<void>,
): Promise<CapturedDatabase | null> {
  const reasons: Error[] = [];
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    // What a later try finds may refer to blobs that did not exist before the first, and that are
    // gone once it is done.
    if (attempt > 1) await pinBlobs();
    try {
      return await captureDatabase(folder, context, lastingGap(reasons));
    } catch (error) {
      if (!isPassing(error)) throw error;
      reasons.push(error as Error);
      await pauseAfter(attempt);
    }
  }
  if (!holdsLogin(folder)) return null;
  const last = reasons.at(-1)?.message;
  throw new HoldfastError(
    'CAPTURE_FAILED',
    `The database ${folder} of the profile ${context.userDataDir} could not be captured whole in ` +
      `${TRIES} tries; the last time ${last}. Nothing was saved, the snapshot before stands. ` +
      'If this stays so, the database is damaged.',
    { cause: reasons.at(-1), transient: true },
  );
}

/** The place of the gap that all of the last tries found. */
function lastingGap(reasons: Error[]): string | null {
  const last = reasons.slice(-TRIES_FOR_GAP);
  const [first] = last;
  if (last.length < TRIES_FOR_GAP || !(first instanceof SequenceGap)) return null;
  const { place } = first;
  return last.every((each) => each instanceof SequenceGap && each.place === place) ? place : null;
}

function emptyProfile(userDataDir: string): HoldfastError {
  return new HoldfastError(
    'PROFILE_EMPTY',
    `In ${userDataDir} there is no browser profile that a login could be in: neither IndexedDB nor ` +
      'localStorage. Give the folder that the browser was started with (its user data dir).',
  );
}
