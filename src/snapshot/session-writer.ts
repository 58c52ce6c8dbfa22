import type { CapturedProfile } from '../profile/capture/captured-profile.js';
import { BlobReader } from './blob-reader.js';
import { ContentStorer, type KnownFile, type SaveProgress } from './content-storer.js';
import { type Head, newNonce } from './head.js';
import { HeadCell } from './head-cell.js';
import { createDataKey } from './key-cell.js';
import { refuseIfHeld } from './lease/refuse-if-held.js';
import { type Manifest, type ManifestBase, sizeOf } from './manifest.js';
import { encodeManifest } from './manifest-encoding.js';
import { moveChunks } from './move-chunks.js';
import { openSealer, proveHead, readHead, type SessionLocation } from './open-session.js';
import { listPackSizes } from './pack-sizes.js';
import { PackWriter } from './pack-writer.js';
import { checkRetention, DEFAULT_RETENTION, planRetention, type Retention } from './retention.js';
import { createSealer } from './sealer.js';
import { SessionPast } from './session-past.js';

export interface SessionWriterOptions extends SessionLocation {
  retention?: Retention | undefined;
}

export interface OpenWriterOptions extends SessionWriterOptions {
  /** The worker that holds the session from then on. Default: nobody does. */
  owner?: string | null;
  /** The worker that held it, known to be gone. One that is not known to be may live. */
  formerOwner?: string | null;
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
  /** Of the files in it, or of the archive that it is, in bytes. */
  size: number;
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
  readonly #retention: typeof DEFAULT_RETENTION;
  /** Of the last try, committed or not: packs are never written twice. */
  #sequence: number;
  readonly #past: SessionPast;
  #known = new Map<string, KnownFile>();
  /** The last try, while it is not known whether it was committed. */
  #pending: { packs: PackWriter; accept(): void } | null = null;
  #isSaving = false;

  private constructor(
    options: SessionWriterOptions,
    reader: BlobReader,
    cell: HeadCell,
    head: Pick<Head, 'generation' | 'sequence'>,
    past: SessionPast,
  ) {
    this.#options = options;
    this.#reader = reader;
    this.#cell = cell;
    this.#generation = head.generation;
    this.#sequence = head.sequence;
    this.#past = past;
    for (const [path, entry] of past.newest?.stored.manifest.files ?? []) {
      this.#known.set(path, { entry, stamp: null, identity: null });
    }
    this.#retention = {
      snapshots: options.retention?.snapshots ?? DEFAULT_RETENTION.snapshots,
      budget: options.retention?.budget ?? options.store.defaultBudget ?? DEFAULT_RETENTION.budget,
    };
  }

  /**
   * Takes the session, which need not be there yet, unless a worker holds it.
   *
   * @throws {HoldfastError} LEASE_HELD, HEAD_LOST, HEAD_DAMAGED, FORMAT_UNSUPPORTED, KEY_MISSING,
   *   KEY_LOST, KEY_WRONG, KEY_DAMAGED, INVALID_KEY, SESSION_NOT_SEALED, SESSION_TAKEN, and the
   *   store's errors
   */
  static async open(options: OpenWriterOptions): Promise<SessionWriter> {
    const { store, session, encryptionKey, owner = null } = options;
    checkRetention(options.retention);
    const found = await readHead(store, session);
    const before = found?.decoded.head ?? null;
    await refuseIfHeld(store, session, before, [owner, options.formerOwner ?? null]);
    const isNew =
      before === null || before.state === 'logged-out' || (await isUnusedYet(options, before));
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
      // A tombstone stays one until a new link has been saved.
      state: before?.state ?? 'linked',
      isSealed: before?.state !== 'logged-out' && sealer.isSealed,
      nonce: newNonce(),
      owner,
      snapshots: before?.snapshots ?? [],
    };
    await cell.commit(head);
    const reader = new BlobReader(store, session, sealer);
    return new SessionWriter(options, reader, cell, head, await SessionPast.load(reader, head));
  }

  /** Of the snapshots that this writer makes: it is above that of every writer before. */
  get generation(): number {
    return this.#generation;
  }

  /** What the store says of the session, as far as this writer knows. */
  get head(): Head {
    const { head } = this.#cell;
    if (head === null) throw new Error('a writer has a head from its beginning');
    return head;
  }

  /**
   * Notes that the login has ended: the snapshots stay until the next save, which is one of a new
   * link.
   *
   * @throws {HoldfastError} SESSION_TAKEN, and the store's errors; then it may be repeated
   */
  async markUnlinked(): Promise<void> {
    await this.#changeHead((head) => (head.state === 'linked' ? { state: 'unlinked' } : null));
  }

  /** Says that nobody holds the session any more. @throws {HoldfastError} as `markUnlinked` */
  async release(): Promise<void> {
    await this.#changeHead((head) => (head.owner === null ? null : { owner: null }));
  }

  /** Whether a file's content with this stamp is in the last snapshot. */
  readonly isStored = (path: string, stamp: string): boolean =>
    this.#known.get(path)?.stamp === stamp;

  /**
   * Saves a captured profile; resolves once it is committed. Null, and no request, when the last
   * snapshot says the same. Not to be called again before it has ended.
   *
   * @param onProgress is told of the profile's bytes that have been looked at
   * @throws {HoldfastError} SESSION_TAKEN, CAPTURE_FAILED, and the store's errors; the snapshot
   *   before stands, and the call may be repeated with a new capture
   */
  async save(
    profile: CapturedProfile,
    onProgress: (progress: SaveProgress) => void = () => undefined,
  ): Promise<SavedSnapshot | null> {
    if (this.#isSaving) throw new Error('a save is under way');
    this.#isSaving = true;
    try {
      return await this.#save(profile, onProgress);
    } finally {
      this.#isSaving = false;
    }
  }

  async #changeHead(change: (head: Head) => Partial<Head> | null): Promise<void> {
    if (this.#isSaving) throw new Error('a save is under way');
    await this.#settlePending();
    const changes = change(this.head);
    if (changes === null) return;
    await this.#cell.commit({ ...this.head, ...changes, nonce: newNonce() });
  }

  async #save(
    profile: CapturedProfile,
    onProgress: (progress: SaveProgress) => void,
  ): Promise<SavedSnapshot | null> {
    const started = performance.now();
    await this.#settlePending();
    const { store, session } = this.#options;
    const sequence = ++this.#sequence;
    const generation = this.#generation;
    const { sealer } = this.#reader;
    const packs = new PackWriter({ store, session, sealer, generation, sequence });
    try {
      const storer = new ContentStorer(packs, sealer, this.#known, this.#past.storedChunks());
      const { files, known } = await storer.storeFiles(profile.files, onProgress);
      const live = await storer.storeLiveValues(profile.live);
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
      if (this.#isCurrent(manifest)) {
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

  /** Whether the newest snapshot of the head is whole and says the same. */
  #isCurrent(manifest: Manifest): boolean {
    const head = this.#cell.head;
    const { newest } = this.#past;
    return (
      newest !== null &&
      head?.state === 'linked' &&
      head.snapshots.at(-1)?.manifest.pack === newest.info.manifest.pack &&
      saysTheSame(newest.stored.manifest, manifest)
    );
  }

  async #settlePending(): Promise<void> {
    const isCommitted = (await this.#cell.settle()) !== null;
    if (this.#pending === null) return;
    const { packs, accept } = this.#pending;
    this.#pending = null;
    if (isCommitted) accept();
    else await this.#abandon(packs);
  }

  async #abandon(packs: PackWriter): Promise<void> {
    await packs.settle().catch(() => undefined);
    this.#past.abandon(packs);
    if (packs.packs.size === 0) this.#sequence--;
  }

  async #commit(
    unmoved: Manifest,
    known: Map<string, KnownFile>,
    packs: PackWriter,
  ): Promise<Omit<SavedSnapshot, 'durationMs'>> {
    // What was kept of a login that has ended goes with the first save of a new one.
    const isNewLink = this.#cell.head?.state !== 'linked';
    const plan = planRetention(unmoved, this.#past, packs.bytesSent, this.#retention, isNewLink);
    const { manifest, damaged } = await moveChunks(plan.moves, unmoved, this.#reader, packs);
    const { encoded, base } = encodeOnBase(manifest, plan.renewsBase ? null : this.#past.base);
    const ref = await packs.finish(encoded);

    const { session, generation, sequence, savedAt, browserVersion } = manifest;
    const size = sizeOf(manifest);
    const info = { generation, sequence, savedAt, size, browserVersion, manifest: ref };
    const kept = [...plan.past, { info, stored: { ref, base, manifest } }];
    const accept = () => {
      this.#past.noteDamaged(damaged);
      this.#past.accept(kept, packs);
      this.#known = this.#withEntriesOf(manifest, known);
    };
    this.#pending = { packs, accept };
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
    await this.#past.deleteGarbage(plan.allowedGarbage);
    const { bytesSent, chunks } = packs;
    return { session, generation, sequence, bytesSent, chunks, size };
  }

  /**
   * Chunks may have been moved since the files were looked at; a file with a damaged one is looked
   * at again as if it were new.
   */
  #withEntriesOf(
    manifest: Manifest,
    known: ReadonlyMap<string, KnownFile>,
  ): Map<string, KnownFile> {
    const current = new Map<string, KnownFile>();
    for (const [path, file] of known) {
      const entry = manifest.files.get(path) ?? file.entry;
      const isSound = !entry.chunks.some((ref) => this.#past.isDamaged(ref));
      if (isSound) current.set(path, { ...file, entry });
    }
    return current;
  }
}

/** Nothing was ever saved, so it need not stay unsealed either. */
async function isUnusedYet({ store, session, encryptionKey }: SessionLocation, head: Head) {
  if (head.isSealed || encryptionKey === undefined || head.snapshots.length > 0) return false;
  return (await listPackSizes(store, session)).size === 0;
}

/** Only what differs from the base, unless that is much. */
function encodeOnBase(
  manifest: Manifest,
  base: ManifestBase | null,
): { encoded: Uint8Array; base: ManifestBase | null } {
  const delta = base && encodeManifest(manifest, base);
  const isWorthwhile =
    delta !== null &&
    base !== null &&
    delta.length <= Math.max(LEAST_FULL_BYTES, base.ref.length / DELTA_SHARE);
  return isWorthwhile
    ? { encoded: delta, base }
    : { encoded: encodeManifest(manifest, null), base: null };
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
