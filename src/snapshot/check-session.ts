import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HoldfastError } from '../errors.js';
import { checkDatabase } from '../profile/leveldb/check-database.js';
import { listStorageDatabases } from '../profile/storage-databases.js';
import { type BlobReader, isDamage } from './blob-reader.js';
import { packKey } from './format.js';
import type { SnapshotInfo } from './head.js';
import { type BlobRef, chunksOf, type ManifestBase, type StoredManifest } from './manifest.js';
import { openSession, readHead, type SessionLocation } from './open-session.js';
import { listPackSizes, requireRefs } from './pack-sizes.js';
import { readManifest } from './read-manifest.js';
import type { RestoreProgress } from './restore/fetch-chunks.js';
import { restoreSession } from './restore/restore-session.js';
import { refsOf } from './retention.js';

export interface CheckOptions extends SessionLocation {
  /** Also read, open and hash every chunk, and check every database of every snapshot. */
  deep?: boolean | undefined;
  /** Where the deep check restores snapshots to. Default: the system's temporary folder. */
  temporaryDir?: string | undefined;
  onProgress?: ((progress: RestoreProgress) => void) | undefined;
}

export interface SessionCheck {
  session: string;
  /** Newest first. */
  snapshots: CheckedSnapshot[];
  /** What the store holds for the session, and how much of it no snapshot needs. */
  storedBytes: number;
  unneededBytes: number;
}

export interface CheckedSnapshot {
  sequence: number;
  savedAt: string;
  /** The bytes of the files in it. */
  size: number;
  /** What keeps it from being restored; null: nothing was found. */
  problem: HoldfastError | null;
}

/**
 * Checks a session in the store. Quick: the head, the key, every manifest, and that every pack is
 * there. Deep: all content as well.
 *
 * @throws {HoldfastError} those of openSession, and the store's errors. What is wrong with a
 *   snapshot is no error here: it is in the answer.
 */
export async function checkSession(options: CheckOptions): Promise<SessionCheck> {
  const { head, reader } = await openSession(options);
  const sizes = await listPackSizes(options.store, options.session);
  const snapshots: CheckedSnapshot[] = [];
  const needed = new Set<string>();
  const bases = new Map<string, Promise<ManifestBase>>();
  const deep = options.deep ? new DeepCheck(reader, options) : null;
  try {
    for (const info of [...head.snapshots].reverse()) {
      const { sequence, savedAt, size } = info;
      const problem = await problemOf(async () => {
        const stored = await readManifest(reader, info.manifest, bases);
        for (const ref of refsOf(stored)) needed.add(ref.pack);
        requireRefs(refsOf(stored), sizes, options.session);
        await deep?.check(info, stored);
      });
      // A running writer removes what its newest head does not list any more: that is no damage.
      if (problem && !(await isStillListed(info, options))) continue;
      snapshots.push({ sequence, savedAt, size, problem });
    }
  } finally {
    await deep?.end();
  }
  let storedBytes = 0;
  let unneededBytes = 0;
  for (const [pack, size] of sizes) {
    storedBytes += size;
    if (!needed.has(pack)) unneededBytes += size;
  }
  return { session: options.session, snapshots, storedBytes, unneededBytes };
}

async function problemOf(look: () => Promise<void>): Promise<HoldfastError | null> {
  try {
    await look();
    return null;
  } catch (error) {
    if (isAboutTheSnapshot(error)) return error;
    throw error;
  }
}

function isAboutTheSnapshot(error: unknown): error is HoldfastError {
  return (
    isDamage(error) ||
    (error instanceof HoldfastError &&
      ['FORMAT_UNSUPPORTED', 'SNAPSHOT_NOT_FOUND'].includes(error.code))
  );
}

async function isStillListed(
  { manifest }: SnapshotInfo,
  { store, session }: SessionLocation,
): Promise<boolean> {
  const now = await readHead(store, session);
  return now?.decoded.head.snapshots.some((each) => each.manifest.pack === manifest.pack) ?? false;
}

/** Reads everything once, however many snapshots share it. */
class DeepCheck {
  readonly #sound = new Set<string>();
  #folder: string | null = null;

  constructor(
    private readonly reader: BlobReader,
    private readonly options: CheckOptions,
  ) {}

  async check({ sequence }: SnapshotInfo, { manifest }: StoredManifest): Promise<void> {
    const chunks = [...chunksOf(manifest)];
    const total = chunks.reduce((sum, { stored }) => sum + stored, 0);
    let done = 0;
    for (const ref of chunks) {
      await this.#checkChunk(ref);
      done += ref.stored;
      this.options.onProgress?.({ done, total });
    }
    this.#folder ??= await makeFolder(this.options.temporaryDir ?? tmpdir());
    const targetDir = path.join(this.#folder, 'profile');
    const { onProgress: _, ...location } = this.options;
    await restoreSession({ ...location, targetDir, snapshot: sequence });
    for (const { dir } of await listStorageDatabases(targetDir)) {
      const check = await checkDatabase(dir, { deep: true });
      if (check.state === 'ok') continue;
      const reason = check.state === 'damaged' ? check.reason : 'a log has a torn end';
      throw new HoldfastError(
        'PROFILE_DAMAGED',
        `In the snapshot ${sequence}, ${path.relative(targetDir, dir)} is damaged: ${reason}.`,
      );
    }
  }

  async end(): Promise<void> {
    if (this.#folder === null) return;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #checkChunk(ref: BlobRef): Promise<void> {
    const place = `${ref.pack} ${ref.offset}`;
    if (this.#sound.has(place)) return;
    const content = await this.reader.read(ref);
    if (this.reader.sealer.idOf(content) !== ref.id) {
      throw new HoldfastError(
        'OBJECT_ALTERED',
        `In the store, a chunk in ${packKey(this.reader.session, ref.pack)} is not what it is ` +
          'listed as.',
      );
    }
    this.#sound.add(place);
  }
}

async function makeFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(path.join(parent, 'holdfast-check-'));
  } catch (error) {
    throw new HoldfastError(
      'DATA_PATH_UNUSABLE',
      `No snapshot can be restored below ${parent} to be checked: ${(error as Error).message}. ` +
        'Give another folder.',
      { cause: error },
    );
  }
}
