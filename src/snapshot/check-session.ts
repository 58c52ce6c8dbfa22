import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HoldfastError } from '../errors.js';
import { checkDatabase } from '../profile/leveldb/check-database.js';
import { listStorageDatabases } from '../profile/storage-databases.js';
import { type BlobReader, isDamage } from './blob-reader.js';
import { packKey } from './format.js';
import type { SnapshotInfo } from './head.js';
import { type BlobRef, chunksOf, type StoredManifest } from './manifest.js';
import { openSession, type SessionLocation } from './open-session.js';
import { listPackSizes, requireRefs } from './pack-sizes.js';
import { readManifest } from './read-manifest.js';
import type { RestoreProgress } from './restore/fetch-chunks.js';
import { restoreSession } from './restore/restore-session.js';

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
  const deep = options.deep ? new DeepCheck(reader, options) : null;
  try {
    for (const info of [...head.snapshots].reverse()) {
      const { sequence, savedAt, size } = info;
      const problem = await problemOf(async () => {
        const stored = await readManifest(reader, info.manifest);
        for (const ref of refsOf(stored)) needed.add(ref.pack);
        requireRefs(refsOf(stored), sizes, options.session);
        await deep?.check(info, stored);
      });
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

function refsOf({ ref, base, manifest }: StoredManifest): BlobRef[] {
  return [ref, ...(base ? [base] : []), ...chunksOf(manifest)];
}

async function problemOf(look: () => Promise<void>): Promise<HoldfastError | null> {
  try {
    await look();
    return null;
  } catch (error) {
    if (isDamage(error)) return error as HoldfastError;
    throw error;
  }
}

/** Reads everything once, however many snapshots share it. */
class DeepCheck {
  readonly #sound = new Set<string>();
  readonly #folder: Promise<string>;

  constructor(
    private readonly reader: BlobReader,
    private readonly options: CheckOptions,
  ) {
    this.#folder = mkdtemp(path.join(options.temporaryDir ?? tmpdir(), 'holdfast-check-'));
  }

  async check({ sequence }: SnapshotInfo, { manifest }: StoredManifest): Promise<void> {
    const chunks = [...chunksOf(manifest)];
    const total = chunks.reduce((sum, { stored }) => sum + stored, 0);
    let done = 0;
    for (const ref of chunks) {
      await this.#checkChunk(ref);
      done += ref.stored;
      this.options.onProgress?.({ done, total });
    }
    const targetDir = path.join(await this.#folder, 'profile');
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
    await rm(await this.#folder, { recursive: true, force: true, maxRetries: 5 });
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
