import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import type { CapturedProfile } from '../../profile/capture/captured-profile.js';
import { fingerprintOf } from '../../profile/capture/fingerprint.js';
import type { ProfileCapturer } from '../../profile/capture/profile-capturer.js';
import { claimIfThere } from '../../profile/profile-claim.js';
import { archiveCapture } from '../../snapshot/archive/archive-capture.js';
import { type EncryptionKey, parseEncryptionKey } from '../../snapshot/encryption-key.js';
import { checkSessionName } from '../../snapshot/session-name.js';
import type { SavedSnapshot } from '../../snapshot/session-writer.js';
import type { Store } from '../../stores/store.js';
import { dataPathError, isFileSystemError } from '../../system/data-path-error.js';
import { warn } from '../../system/warn.js';
import { UnlinkedNote, writeMarker } from './archive-notes.js';
import { ArchiveStore } from './archive-store.js';
import { type BringOptions, bringArchive, fetchArchive } from './bring-archive.js';
import type { BroughtProfile, StoredSession } from './stored-session.js';
import { sweepWorkFolders, WorkFolder } from './work-folder.js';

export interface ArchiveSessionOptions {
  store: Store;
  /** `RemoteAuth` or `RemoteAuth-<clientId>`. */
  session: string;
  /** Where archives are made and unpacked, and notes are kept. */
  dataPath: string;
  /** Seals the archives that are saved; what is brought must be sealed then. */
  encryptionKey?: EncryptionKey | undefined;
  /** Where stores look for archives as well. Default: the working directory of the moment. */
  cwd?: string | undefined;
  patience?: Partial<Patience> | undefined;
}

/** In milliseconds. */
interface Patience {
  /** How long an archive that is not whole yet may stand still. Default: 3,000. */
  extractMs: number;
  /** How long a store may take until what it has deleted is gone. Default: 10,000. */
  deleteMs: number;
}

/** Archives whose save was not answered, of which the store may have any. */
const MOST_UNANSWERED = 20;

/**
 * A session in a store of whole archives: anybody's with whatsapp-web.js's four methods. Every save
 * sends all of it, and there is no lease: two processes with one session are not kept apart.
 */
export class ArchiveSession implements StoredSession {
  readonly defaultIntervalMs = 60_000;
  readonly isHeld = true;
  readonly isFenced = false;
  readonly generation = 1;
  readonly #options: ArchiveSessionOptions;
  readonly #dataPath: string;
  readonly #patience: Patience;
  readonly #store: ArchiveStore;
  readonly #unlinked: UnlinkedNote;
  readonly #run = randomUUID();
  /** The archive of this profile that the store has, then those it may have; null: not known. */
  #archives: string[] | null = null;
  #lastFingerprint: string | null = null;
  #sequence = 0;
  #hasWarned = false;

  /** @throws {HoldfastError} INVALID_CLIENT_ID, INVALID_KEY */
  constructor(options: ArchiveSessionOptions) {
    const session = checkSessionName(options.session);
    if (options.encryptionKey !== undefined) parseEncryptionKey(options.encryptionKey);
    this.#options = options;
    this.#dataPath = path.resolve(options.dataPath);
    this.#patience = { extractMs: 3000, deleteMs: 10_000, ...options.patience };
    this.#store = new ArchiveStore(options.store, session);
    this.#unlinked = new UnlinkedNote(this.#dataPath, session);
  }

  async hold(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async noteBrowser(): Promise<void> {}

  async confirm(): Promise<void> {}

  async release(): Promise<void> {}

  /**
   * See {@link bringArchive}.
   *
   * @throws {HoldfastError} STORE_UNREACHABLE, ARCHIVE_NOT_FOUND, PROFILE_IN_USE, PROFILE_DAMAGED,
   *   those of `unpackSession`; the folder is as it was then
   */
  async bring(userDataDir: string): Promise<BroughtProfile> {
    return this.#explained(async () => {
      const claim = await claimIfThere(userDataDir);
      let from: BroughtProfile['from'] | null = null;
      try {
        const { brought, archives } = await this.#inWorkFolder((work) =>
          bringArchive(userDataDir, work, this.#bringOptions()),
        );
        this.#archives = archives;
        from = brought.from;
        return brought;
      } finally {
        // With the old folder the claim has gone, and the new one may be somebody else's already.
        if (from !== 'store') await claim?.release();
      }
    });
  }

  #bringOptions(): BringOptions {
    return {
      store: this.#store,
      session: this.#options.session,
      encryptionKey: this.#options.encryptionKey,
      unlinked: this.#unlinked,
      run: this.#run,
      extractMs: this.#patience.extractMs,
    };
  }

  /**
   * @throws {HoldfastError} STORE_UNREACHABLE, DATA_PATH_UNUSABLE, those of `ProfileCapturer.capture`
   *   and `archiveCapture`
   */
  async save(capturer: ProfileCapturer): Promise<SavedSnapshot | null> {
    const started = performance.now();
    return this.#explained(async () => {
      const profile = await capturer.capture();
      try {
        if ((await fingerprintOf(profile)) === this.#lastFingerprint) return null;
        const bytesSent = await this.#inWorkFolder((work) =>
          this.#send(profile, capturer.userDataDir, work),
        );
        const { session } = this.#options;
        const sequence = ++this.#sequence;
        const durationMs = performance.now() - started;
        return {
          session,
          generation: 1,
          sequence,
          bytesSent,
          chunks: 1,
          size: bytesSent,
          durationMs,
        };
      } finally {
        await profile.release();
      }
    });
  }

  async #send(profile: CapturedProfile, userDataDir: string, work: WorkFolder): Promise<number> {
    const { session, encryptionKey } = this.#options;
    const { archive } = work;
    const made = await archiveCapture(profile, { archive, session, encryptionKey });
    const [saved, ...unanswered] = this.#archives ?? [];
    const before = saved === undefined ? [] : [saved, ...unanswered.slice(-MOST_UNANSWERED)];
    await this.#note(userDataDir, [...before, made.sha256]);
    const foreign = await work.place(this.#cwd());
    if (foreign !== null) this.#warnOf(foreign);
    await this.#store.save();
    if (foreign !== null) await this.#proveSaved(made.sha256, foreign, work);
    await this.#note(userDataDir, [made.sha256]);
    await this.#unlinked.remove();
    this.#lastFingerprint = made.fingerprint;
    return made.bytes;
  }

  /** Without its marker a profile is restored at the next start, which is no reason not to save. */
  async #note(userDataDir: string, archives: string[]): Promise<void> {
    this.#archives = archives;
    const { session } = this.#options;
    await writeMarker(userDataDir, { session, archives, run: this.#run }).catch(() => undefined);
  }

  #warnOf(foreign: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn(
      'ARCHIVE_IN_THE_WAY',
      `${foreign} is not Holdfast's and was left as it is, but stores may take it for the session. ` +
        'Every save is fetched again to see what the store has. Move that file away.',
    );
  }

  /** A store that looks in the working directory has found another file there than ours. */
  async #proveSaved(sha256: string, foreign: string, work: WorkFolder): Promise<void> {
    const { session } = this.#options;
    const copy = work.file('saved.zip');
    const saved = await fetchArchive(this.#store, session, copy, this.#patience.extractMs);
    if (saved === sha256) return;
    throw new HoldfastError(
      'DATA_PATH_UNUSABLE',
      `The store has saved ${foreign}, which is not Holdfast's, in place of the session ${session}. ` +
        'Move that file away, so that the session can be saved.',
    );
  }

  async markUnlinked(): Promise<void> {
    await this.#explained(async () => {
      await mkdir(this.#dataPath, { recursive: true });
      await this.#unlinked.write(this.#archives);
    });
    this.#lastFingerprint = null;
  }

  async remove(): Promise<void> {
    await this.#store.delete(this.#patience.deleteMs);
    this.#archives = [];
    this.#lastFingerprint = null;
    await this.#explained(async () => {
      await this.#unlinked.remove();
      await sweepWorkFolders(this.#dataPath, this.#options.session);
    });
  }

  #inWorkFolder<T>(work: (folder: WorkFolder) => Promise<T>): Promise<T> {
    return WorkFolder.use(this.#dataPath, this.#options.session, work);
  }

  /** Null when it was removed while this process is in it. */
  #cwd(): string | null {
    try {
      return this.#options.cwd ?? process.cwd();
    } catch {
      return null;
    }
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      throw dataPathError(
        `The session ${this.#options.session} cannot be kept in ${this.#dataPath}`,
        error,
      );
    }
  }
}
