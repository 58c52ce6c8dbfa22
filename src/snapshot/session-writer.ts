import type { CapturedProfile } from '../profile/capture/captured-profile.js';
import { BlobReader } from './blob-reader.js';
import { ContentStorer, type KnownFile, type SaveProgress } from './content-storer.js';
import { encodeOnBase } from './encode-on-base.js';
import { findSnapshot } from './find-snapshot.js';
import { type Head, newNonce, type SnapshotInfo } from './head.js';
import { HeadCell } from './head-cell.js';
import { createDataKey } from './key-cell.js';
import { refuseIfHeld } from './lease/refuse-if-held.js';
import { type Manifest, saysTheSame, sizeOf } from './manifest.js';
import { moveChunks } from './move-chunks.js';
import { openSealer, proveHead, readHead, type SessionLocation } from './open-session.js';
import { listPackSizes } from './pack-sizes.js';
import { PackWriter } from './pack-writer.js';
import { proveSnapshot } from './prove-snapshot.js';
import type { RestoreProgress } from './restore/fetch-chunks.js';
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

/** A roll-back that has been committed: the snapshot that is the newest one now, and of which. */
export interface RolledBackSession extends SavedSnapshot {
  /** The earlier snapshot, whose content the newest one has. */
  from: Omit<SnapshotInfo, 'manifest'>;
  /** The phone had ended the login: unless that was about a later one, WhatsApp refuses this one. */
  wasUnlinked: boolean;
}

/**
 * Saves one session, as its only writer: whoever opens one takes the session from the writer
 * before, whose next save then fails with SESSION_TAKEN.
 */
export class SessionWriter {
  readonly #options: SessionWriterOptions;
  readonly #reader: BlobReader;
  readonly #cell: HeadCell;
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
    head: Pick<Head, 'sequence'>,
    past: SessionPast,
  ) {
    this.#options = options;
    this.#reader = reader;
    this.#cell = cell;
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

  /**
   * Of the snapshots that this writer makes: it is above that of every writer before. A roll-back
   * increases it.
   */
  get generation(): number {
    return this.head.generation;
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
    return this.#alone(() => this.#save(profile, onProgress));
  }

  /**
   * Makes an earlier snapshot the newest one: a new snapshot of the same content, of which only the
   * manifest is written. It is read first, in full. Those in between stay until retention drops them.
   *
   * To be called while no browser has the session open: what that one holds is newer, and the next
   * save would save it. A folder that was used under this writer counts as older from then on.
   *
   * @param sequence which snapshot
   * @param onProgress is told of the bytes that have been read
   * @throws {HoldfastError} SNAPSHOT_NOT_FOUND; OBJECT_MISSING, OBJECT_TRUNCATED, OBJECT_ALTERED,
   *   OBJECT_MISPLACED or FORMAT_UNSUPPORTED when that snapshot is damaged; SESSION_TAKEN, and the
   *   store's errors. The newest snapshot is what it was, and the call may be repeated
   */
  async rollBack(
    sequence: number,
    onProgress: (progress: RestoreProgress) => void = () => undefined,
  ): Promise<RolledBackSession> {
    return this.#alone(() => this.#rollBack(sequence, onProgress));
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isSaving) throw new Error('a save is under way');
    this.#isSaving = true;
    try {
      await this.#settlePending();
      return await work();
    } finally {
      this.#isSaving = false;
    }
  }

  async #changeHead(change: (head: Head) => Partial<Head> | null): Promise<void> {
    await this.#alone(async () => {
      const changes = change(this.head);
      if (changes === null) return;
      await this.#cell.commit({ ...this.head, ...changes, nonce: newNonce() });
    });
  }

  async #save(
    profile: CapturedProfile,
    onProgress: (progress: SaveProgress) => void,
  ): Promise<SavedSnapshot | null> {
    return this.#withPacks(async (packs, numbers) => {
      const { sealer } = this.#reader;
      const storer = new ContentStorer(packs, sealer, this.#known, this.#past.storedChunks());
      const { files, known } = await storer.storeFiles(profile.files, onProgress);
      const live = await storer.storeLiveValues(profile.live);
      const manifest: Manifest = {
        ...numbers,
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
      // What was kept of a login that has ended goes with the first save of a new one.
      return this.#commit(manifest, known, packs, this.head.state !== 'linked');
    });
  }

  async #rollBack(
    wanted: number,
    onProgress: (progress: RestoreProgress) => void,
  ): Promise<RolledBackSession> {
    const { manifest: place, ...from } = findSnapshot(this.head, wanted);
    const wasUnlinked = this.head.state === 'unlinked';
    const { manifest } = await proveSnapshot(this.#reader, place, onProgress);
    // A folder that a browser has used under this generation is not to pass for newer than this.
    const generation = this.head.generation + 1;
    await this.#cell.commit({ ...this.head, generation, nonce: newNonce() });
    const saved = await this.#withPacks((packs, numbers) => {
      const again: Manifest = { ...manifest, ...numbers, savedAt: new Date().toISOString() };
      const known = new Map<string, KnownFile>();
      for (const [path, entry] of manifest.files) {
        known.set(path, { entry, stamp: null, identity: null });
      }
      return this.#commit(again, known, packs, false);
    });
    return { ...saved, from, wasUnlinked };
  }

  /** Numbers a snapshot and hands over where its content goes; what was put for nothing is noted. */
  async #withPacks<Saved extends Omit<SavedSnapshot, 'durationMs'> | null>(
    write: (
      packs: PackWriter,
      numbers: Pick<Manifest, 'session' | 'generation' | 'sequence'>,
    ) => Promise<Saved>,
  ) {
    const started = performance.now();
    const { store, session } = this.#options;
    const sequence = ++this.#sequence;
    const { generation } = this;
    const { sealer } = this.#reader;
    const packs = new PackWriter({ store, session, sealer, generation, sequence });
    try {
      const saved = await write(packs, { session, generation, sequence });
      return saved && { ...saved, durationMs: performance.now() - started };
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
    isNewLink: boolean,
  ): Promise<Omit<SavedSnapshot, 'durationMs'>> {
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
