import type { CapturedProfile } from '../profile/capture/captured-profile.js';
import { BlobReader, isDamage } from './blob-reader.js';
import { ContentStorer, type KnownFile } from './content-storer.js';
import { packKey, parsePackName } from './format.js';
import { type Head, newNonce } from './head.js';
import { HeadCell } from './head-cell.js';
import { createDataKey } from './key-cell.js';
import { type BlobRef, chunksOf, type FileEntry, type Manifest, sizeOf } from './manifest.js';
import { encodeManifest } from './manifest-encoding.js';
import { openSealer, proveHead, readHead, type SessionLocation } from './open-session.js';
import { listPackSizes } from './pack-sizes.js';
import { PackWriter } from './pack-writer.js';
import { readManifest } from './read-manifest.js';
import {
  checkRetention,
  chooseMoves,
  choosePast,
  DEFAULT_RETENTION,
  type KeptSnapshot,
  LEAST_BUDGET_BYTES,
  packsOfAll,
  type Retention,
} from './retention.js';
import { createSealer } from './sealer.js';

export interface SessionWriterOptions extends SessionLocation {
  retention?: Retention | undefined;
}

/** A save that has been committed. */
export interface SavedSnapshot {
  session: string;
  generation: number;
  sequence: number;
  /** To the store, in bytes. */
  bytesSent: number;
  /** New ones. */
  chunks: number;
  durationMs: number;
}

/** A manifest that is no bigger than this part of the one it is based on, or this, has a base. */
const DELTA_SHARE = 4;
const LEAST_FULL_BYTES = 4096;

/**
 * Saves one session, as its only writer: whoever opens one takes the session from the writer
 * before, whose next save then fails with SESSION_TAKEN.
 */
export class SessionWriter {
  readonly #options: SessionWriterOptions;
  readonly #reader: BlobReader;
  readonly #cell: HeadCell;
  readonly #generation: number;
  readonly #retention: Required<{ [K in keyof Retention]: number }>;
  /** Of the last try, committed or not: packs are never written twice. */
  #sequence: number;
  #past: KeptSnapshot[] = [];
  #known = new Map<string, KnownFile>();
  /** The manifest in full that the next may be based on. */
  #base: { ref: BlobRef; files: ReadonlyMap<string, FileEntry>; bytes: number } | null = null;
  #packSizes = new Map<string, number>();
  /** Packs that nothing refers to any more. */
  #garbage = new Set<string>();
  /** The last try, while it is not known whether it was committed. */
  #pending: { packs: PackWriter; accept(): void } | null = null;
  #isSaving = false;

  private constructor(
    options: SessionWriterOptions,
    reader: BlobReader,
    cell: HeadCell,
    head: Pick<Head, 'generation' | 'sequence'>,
  ) {
    this.#options = options;
    this.#reader = reader;
    this.#cell = cell;
    this.#generation = head.generation;
    this.#sequence = head.sequence;
    this.#retention = {
      snapshots: options.retention?.snapshots ?? DEFAULT_RETENTION.snapshots,
      budget: options.retention?.budget ?? DEFAULT_RETENTION.budget,
    };
  }

  /**
   * Takes the session, which need not be there yet.
   *
   * @throws {HoldfastError} HEAD_LOST, HEAD_DAMAGED, FORMAT_UNSUPPORTED, KEY_MISSING, KEY_LOST,
   *   KEY_WRONG, KEY_DAMAGED, INVALID_KEY, SESSION_NOT_SEALED, SESSION_TAKEN, and the store's errors
   */
  static async open(options: SessionWriterOptions): Promise<SessionWriter> {
    const { store, session, encryptionKey } = options;
    checkRetention(options.retention);
    const found = await readHead(store, session);
    const before = found?.decoded.head ?? null;
    const isNew = before === null || before.state === 'logged-out';
    const generation = (before?.generation ?? 0) + 1;
    const sealer = isNew
      ? createSealer(
          encryptionKey === undefined
            ? null
            : await createDataKey(store, session, encryptionKey, generation),
          session,
        )
      : await openSealer(options, before);
    if (found) proveHead(found.decoded, isNew ? createSealer(null, session) : sealer, session);

    const cell = new HeadCell(
      store,
      session,
      sealer,
      found && { ...found, head: found.decoded.head },
    );
    const head: Head = {
      session,
      generation,
      sequence: before?.sequence ?? 0,
      state: before?.state === 'unlinked' ? 'unlinked' : 'linked',
      isSealed: sealer.isSealed,
      nonce: newNonce(),
      owner: null,
      snapshots: before?.snapshots ?? [],
    };
    await cell.commit(head);
    const writer = new SessionWriter(options, new BlobReader(store, session, sealer), cell, head);
    await writer.#load(head);
    return writer;
  }

  /** Whether a file's content with this stamp is in the last snapshot. */
  readonly isStored = (path: string, stamp: string): boolean =>
    this.#known.get(path)?.stamp === stamp;

  /**
   * Saves a captured profile; resolves once it is committed. Null, and no request, when the last
   * snapshot says the same. Not to be called again before it has ended.
   *
   * @throws {HoldfastError} SESSION_TAKEN, CAPTURE_FAILED, and the store's errors; the snapshot
   *   before stands, and the call may be repeated with a new capture
   */
  async save(profile: CapturedProfile): Promise<SavedSnapshot | null> {
    if (this.#isSaving) throw new Error('a save is under way');
    this.#isSaving = true;
    try {
      return await this.#save(profile);
    } finally {
      this.#isSaving = false;
    }
  }

  async #save(profile: CapturedProfile): Promise<SavedSnapshot | null> {
    const started = performance.now();
    await this.#settlePending();
    const { store, session } = this.#options;
    const sequence = ++this.#sequence;
    const generation = this.#generation;
    const { sealer } = this.#reader;
    const packs = new PackWriter({ store, session, sealer, generation, sequence });
    try {
      const storer = new ContentStorer(packs, sealer, this.#known, this.#storedChunks());
      const { files, known } = await storer.storeFiles(profile.files);
      const live = await storer.storeLiveValues(profile.live);
      const current = this.#past.at(-1)?.stored.manifest;
      const manifest: Manifest = {
        session,
        generation,
        sequence,
        savedAt: new Date().toISOString(),
        browserVersion: profile.browserVersion,
        platform: process.platform,
        live,
        leftOut: profile.leftOut,
        files,
      };
      if (current && this.#cell.head?.state === 'linked' && saysTheSame(current, manifest)) {
        this.#known = known;
        await this.#abandon(packs);
        return null;
      }
      const saved = await this.#commit(manifest, known, packs);
      return { ...saved, durationMs: performance.now() - started };
    } catch (error) {
      // If the commit's answer was lost, settling decides about its packs.
      if (this.#pending === null) await this.#abandon(packs);
      throw error;
    }
  }

  async #settlePending(): Promise<void> {
    if (this.#pending === null) return;
    const isCommitted = (await this.#cell.settle()) !== null;
    const { packs, accept } = this.#pending;
    this.#pending = null;
    if (isCommitted) accept();
    else await this.#abandon(packs);
  }

  /** Packs that were put for nothing go with the next save that is committed. */
  async #abandon(packs: PackWriter): Promise<void> {
    await packs.settle().catch(() => undefined);
    for (const pack of packs.packs.keys()) this.#garbage.add(pack);
    if (packs.packs.size === 0) this.#sequence--;
  }

  async #commit(
    unmoved: Manifest,
    known: Map<string, KnownFile>,
    packs: PackWriter,
  ): Promise<Omit<SavedSnapshot, 'durationMs'>> {
    const size = sizeOf(unmoved);
    const sizeOfPack = (pack: string) => this.#packSizes.get(pack);
    const bytesIn = (names: Set<string>) =>
      [...names].reduce((sum, name) => sum + (sizeOfPack(name) ?? 0), 0);
    const needed = new Set([...chunksOf(unmoved)].map(({ pack }) => pack));
    const budget = Math.max(LEAST_BUDGET_BYTES, size * this.#retention.budget);
    const storedBytes = (past: readonly KeptSnapshot[]) =>
      packs.bytesSent + bytesIn(new Set([...packsOfAll(past), ...needed]));
    const past = choosePast(
      this.#past,
      budget,
      this.#retention.snapshots,
      Date.parse(unmoved.savedAt),
      storedBytes,
    );
    const moves = chooseMoves(unmoved, sizeOfPack, storedBytes(past) > budget, packs.bytesSent);
    const manifest = await this.#move(moves, unmoved, packs);

    const delta = this.#base && encodeManifest(manifest, this.#base);
    const isDelta =
      this.#base !== null &&
      delta !== null &&
      delta.length <= Math.max(LEAST_FULL_BYTES, this.#base.bytes / DELTA_SHARE);
    const encoded = isDelta ? delta : encodeManifest(manifest, null);
    const base = isDelta ? (this.#base?.ref ?? null) : null;
    const ref = await packs.finish(encoded);

    const { generation, sequence, savedAt, browserVersion } = manifest;
    const info = { generation, sequence, savedAt, size, browserVersion, manifest: ref };
    const kept = [...past, { info, stored: { ref, base, manifest } }];
    const accept = () => {
      this.#past = kept;
      this.#known = withEntriesOf(manifest, known);
      if (!isDelta) this.#base = { ref, files: manifest.files, bytes: encoded.length };
      for (const [pack, bytes] of packs.packs) this.#packSizes.set(pack, bytes);
      this.#collectGarbage();
    };
    this.#pending = { packs, accept };
    const { session } = this.#options;
    await this.#cell.commit({
      session,
      generation,
      sequence,
      state: 'linked',
      isSealed: this.#reader.sealer.isSealed,
      nonce: newNonce(),
      owner: this.#cell.head?.owner ?? null,
      snapshots: kept.map((snapshot) => snapshot.info),
    });
    this.#pending = null;
    accept();
    await this.#deleteGarbage();
    return { session, generation, sequence, bytesSent: packs.bytesSent, chunks: packs.chunks };
  }

  /** Writes chunks once more and returns the manifest that names their new places. */
  async #move(moves: BlobRef[], manifest: Manifest, packs: PackWriter): Promise<Manifest> {
    if (moves.length === 0) return manifest;
    const moved = new Map<string, BlobRef>();
    for (const ref of moves) {
      const content = await this.#reader.read(ref);
      moved.set(ref.id, await packs.addChunk(content, ref.id, true));
    }
    const replace = (chunks: readonly BlobRef[]) =>
      chunks.some(({ id }) => moved.has(id))
        ? chunks.map((ref) => moved.get(ref.id) ?? ref)
        : chunks;
    const files = new Map<string, FileEntry>();
    for (const [path, entry] of manifest.files) {
      const chunks = replace(entry.chunks);
      files.set(path, chunks === entry.chunks ? entry : { ...entry, chunks });
    }
    return {
      ...manifest,
      files,
      live: { ...manifest.live, chunks: replace(manifest.live.chunks) },
    };
  }

  /** What the snapshots that are kept refer to, by id. */
  #storedChunks(): Map<string, BlobRef> {
    const chunks = new Map<string, BlobRef>();
    for (const { stored } of this.#past) {
      for (const ref of chunksOf(stored.manifest)) chunks.set(ref.id, ref);
    }
    return chunks;
  }

  #collectGarbage(): void {
    const needed = packsOfAll(this.#past);
    for (const pack of this.#packSizes.keys()) {
      if (needed.has(pack)) continue;
      this.#packSizes.delete(pack);
      this.#garbage.add(pack);
    }
  }

  /** What is not deleted now is deleted after the next save. */
  async #deleteGarbage(): Promise<void> {
    if (this.#garbage.size === 0) return;
    const { store, session } = this.#options;
    const packs = [...this.#garbage];
    try {
      await store.delete(packs.map((pack) => packKey(session, pack)));
      for (const pack of packs) this.#garbage.delete(pack);
    } catch {
      // The save is committed; that the store holds more than it needs is no reason to fail it.
    }
  }

  /** Reads what the kept snapshots say, and finds what writers before left behind. */
  async #load(head: Head): Promise<void> {
    let isComplete = true;
    for (const info of head.snapshots) {
      try {
        this.#past.push({ info, stored: await readManifest(this.#reader, info.manifest) });
      } catch (error) {
        if (!isDamage(error)) throw error;
        // It is left out of the head from the next save on; what it refers to is not known.
        isComplete = false;
      }
    }
    for (const [path, entry] of this.#past.at(-1)?.stored.manifest.files ?? []) {
      this.#known.set(path, { entry, stamp: null, identity: null });
    }
    const needed = packsOfAll(this.#past);
    const { store, session } = this.#options;
    for (const [pack, size] of await listPackSizes(store, session)) {
      const generation = parsePackName(pack)?.generation;
      if (needed.has(pack)) this.#packSizes.set(pack, size);
      // A higher generation is another writer's, who has taken the session from this one.
      else if (isComplete && generation !== undefined && generation < this.#generation) {
        this.#garbage.add(pack);
      }
    }
    await this.#deleteGarbage();
  }
}

/** Chunks may have been moved since the files were looked at. */
function withEntriesOf(
  manifest: Manifest,
  known: ReadonlyMap<string, KnownFile>,
): Map<string, KnownFile> {
  const moved = new Map<string, KnownFile>();
  for (const [path, file] of known) {
    moved.set(path, { ...file, entry: manifest.files.get(path) ?? file.entry });
  }
  return moved;
}

function saysTheSame(a: Manifest, b: Manifest): boolean {
  if (a.files.size !== b.files.size || a.leftOut.join() !== b.leftOut.join()) return false;
  for (const [path, entry] of b.files) if (a.files.get(path) !== entry) return false;
  return (
    a.live.state === b.live.state &&
    a.live.chunks.length === b.live.chunks.length &&
    a.live.chunks.every(({ id }, at) => id === b.live.chunks[at]?.id)
  );
}
