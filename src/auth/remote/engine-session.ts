import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { lastBrowserVersion } from '../../profile/browser-version.js';
import type { ProfileCapturer } from '../../profile/capture/profile-capturer.js';
import { prepareProfile } from '../../profile/prepare-profile.js';
import { claimProfile } from '../../profile/profile-claim.js';
import {
  type AdoptedSession,
  adoptArchive,
  describeAdopted,
  isUnknown,
  verifyAdopted,
} from '../../snapshot/archive/adopt-session.js';
import type { EncryptionKey } from '../../snapshot/encryption-key.js';
import type { Head } from '../../snapshot/head.js';
import { joinWorker, type WorkerShare } from '../../snapshot/lease/join-worker.js';
import { LeaseHeldError, type LeaseHolder } from '../../snapshot/lease/lease-held-error.js';
import { takeSession } from '../../snapshot/lease/take-session.js';
import type { OnLeaseHeld } from '../../snapshot/lease/until-free.js';
import { leaseLost, type WorkerSession } from '../../snapshot/lease/worker.js';
import { removeSession } from '../../snapshot/remove-session.js';
import { restoreSession } from '../../snapshot/restore/restore-session.js';
import type { Retention } from '../../snapshot/retention.js';
import type { SavedSnapshot, SessionWriter } from '../../snapshot/session-writer.js';
import { dataPathError, isFileSystemError } from '../../system/data-path-error.js';
import { identifyProcess, type ProcessIdentity } from '../../system/processes.js';
import { withinTime } from '../../system/within-time.js';
import { removeSessionFolder } from '../session-folder.js';
import {
  hasProfile,
  type LocalCopy,
  readLocalCopy,
  wasUsedSince,
  writeLocalCopy,
} from './local-copy.js';
import type { BroughtProfile, StoredSession } from './stored-session.js';

export interface EngineSessionOptions {
  store: ObjectStore;
  session: string;
  encryptionKey: EncryptionKey | undefined;
  retention: Retention | undefined;
  onLeaseHeld: OnLeaseHeld;
  leaseTermMs: number;
  rmMaxRetries: number;
  /** Deletes an archive of whatsapp-web.js once it has been taken over and read back. */
  deleteFormerArchives: boolean;
  /** The session was taken over from an archive of whatsapp-web.js. */
  onAdopted(adopted: AdoptedSession): void;
  onWaiting(holder: LeaseHolder): void;
  /** Another process asks for the session. */
  onWanted(): void;
  /** Another process has it, or may have it from now on. */
  onLost(error: HoldfastError): void;
}

const DEFAULT_INTERVAL_MS = 1000;
const RELEASE_PATIENCE_MS = 5000;
/** Long enough for one that asked for the session to see that it has been released. */
const GIVE_WAY_SHARE = 1 / 5;
/** How often one that waits for another client of this very process looks again. */
const OWN_PROCESS_POLL_MS = 100;

/** What there is while a session is held. */
interface Hold {
  share: WorkerShare;
  writer: SessionWriter;
  browser: ProcessIdentity | null;
  /** Under this hold. */
  adopted: AdoptedSession | null;
}

/** A session in a store of objects: leased, and saved and restored by the engine. */
export class EngineSession implements StoredSession {
  readonly #options: EngineSessionOptions;
  readonly defaultIntervalMs: number;
  readonly isFenced = true;
  generation = 0;
  #hold: Hold | null = null;
  #isLost = false;
  /** Somebody has asked for the session, and is to get it. */
  #isWanted = false;

  constructor(options: EngineSessionOptions) {
    this.#options = options;
    this.defaultIntervalMs = options.store.defaultSaveIntervalMs ?? DEFAULT_INTERVAL_MS;
  }

  get isHeld(): boolean {
    return this.#hold !== null && !this.#isLost && this.#hold.share.worker.isRenewed;
  }

  async hold(signal: AbortSignal): Promise<void> {
    if (this.#hold !== null && !this.#isLost) return;
    await this.release();
    const { store, session, onLeaseHeld, onWaiting } = this.#options;
    const { encryptionKey, retention } = this.#options;
    this.#isLost = false;
    if (this.#isWanted) {
      await sleep(this.#options.leaseTermMs * GIVE_WAY_SHARE, undefined, { signal });
      this.#isWanted = false;
    }
    const share = await this.#joinAlone(signal);
    const { worker } = share;
    try {
      const location = { store, session, encryptionKey, retention };
      const writer = await takeSession({ ...location, worker, onLeaseHeld, signal, onWaiting });
      this.#hold = { share, writer, browser: null, adopted: null };
      this.generation = writer.generation;
      // Who waited for long may have been declared dead meanwhile.
      if (worker.isDead) throw leaseLost();
      signal.throwIfAborted();
    } catch (error) {
      if (this.#hold === null) await this.#leave(share);
      else await this.release();
      throw error;
    }
  }

  async bring(userDataDir: string): Promise<BroughtProfile> {
    try {
      return await this.#bring(userDataDir);
    } catch (error) {
      // Not of the store, for which a start would wait.
      if (!isFileSystemError(error)) throw error;
      throw dataPathError(`The session folder ${userDataDir} cannot be used`, error);
    }
  }

  async #bring(userDataDir: string): Promise<BroughtProfile> {
    const hold = this.#needHold();
    const { writer } = hold;
    if (isUnknown(writer.head)) hold.adopted = await this.#adopt(writer);
    const { adopted } = hold;
    const { head, generation } = writer;
    const { session } = this.#options;
    const newest = head.snapshots.at(-1);
    const isStored = head.state === 'linked' && newest !== undefined;
    const mark = (snapshot: string | null) =>
      writeLocalCopy(userDataDir, { session, generation, snapshot });

    const copy = await readLocalCopy(userDataDir);
    if (await hasProfile(userDataDir)) {
      const isNewer =
        isNewest(copy, head, session) ||
        // The profile that whatsapp-web.js's RemoteAuth has last run with.
        (adopted !== null && copy === null && (await wasUsedSince(userDataDir, adopted.savedAt)));
      const isKept = isNewer && (await this.#isUsable(userDataDir, isStored));
      if (isKept) {
        await mark(newest?.manifest.id ?? null);
        const browserVersion = await lastBrowserVersion(userDataDir);
        return { from: 'disk', isStored, browserVersion };
      }
      if (!isStored) await removeSessionFolder(userDataDir, this.#options.rmMaxRetries);
    }
    if (!isStored) {
      await mkdir(userDataDir, { recursive: true });
      await mark(newest?.manifest.id ?? null);
      return { from: 'nowhere', isStored, browserVersion: null };
    }
    const restored = await this.#restore(userDataDir);
    const { sequence, savedAt, bytes, bytesFetched, skipped, browserVersion } = restored;
    const info = head.snapshots.find((snapshot) => snapshot.sequence === sequence);
    await mark(info?.manifest.id ?? null);
    return {
      from: 'store',
      isStored,
      browserVersion,
      sequence,
      savedAt,
      bytes,
      bytesFetched,
      skipped,
    };
  }

  /** Takes over what whatsapp-web.js has left in the store, if anything. */
  async #adopt(writer: SessionWriter): Promise<AdoptedSession | null> {
    const { store, session, encryptionKey, deleteFormerArchives, onAdopted } = this.#options;
    const archive = await store.formerArchives?.find(session);
    if (!archive) return null;
    await this.#orLost(adoptArchive(archive, writer, { encryptionKey }));
    const adopted = describeAdopted(archive);
    onAdopted(adopted);
    if (deleteFormerArchives) {
      await verifyAdopted({ store, session, encryptionKey });
      await store.formerArchives?.delete(session);
    }
    return adopted;
  }

  async noteBrowser(pid: number): Promise<void> {
    const hold = this.#needHold();
    const browser = await identifyProcess(pid);
    this.#forgetBrowser(hold);
    if (browser === null) return;
    hold.browser = browser;
    await hold.share.worker.noteBrowser(browser);
  }

  async confirm(): Promise<void> {
    await this.#needHold().share.worker.renew();
  }

  async save(capturer: ProfileCapturer): Promise<SavedSnapshot | null> {
    const { writer } = this.#needHold();
    const profile = await capturer.capture(writer.isStored);
    let saved: SavedSnapshot | null;
    try {
      saved = await this.#orLost(writer.save(profile));
    } finally {
      await profile.release();
    }
    if (saved !== null) {
      const { session } = this.#options;
      const snapshot = writer.head.snapshots.at(-1)?.manifest.id ?? null;
      const copy: LocalCopy = { session, generation: writer.generation, snapshot };
      // The older one serves as well, as long as the store keeps what it names.
      await writeLocalCopy(capturer.userDataDir, copy).catch(() => undefined);
    }
    return saved;
  }

  async markUnlinked(upTo = this.generation): Promise<void> {
    const { writer } = this.#needHold();
    if (newestGeneration(writer) <= upTo) await this.#orLost(writer.markUnlinked());
  }

  async remove(upTo = this.generation): Promise<void> {
    const { share, writer } = this.#needHold();
    const { store, session } = this.#options;
    if (newestGeneration(writer) > upTo) return;
    const { generation } = writer;
    await removeSession(store, session, { generation, worker: share.worker.id });
    await this.release();
  }

  async release(): Promise<void> {
    const hold = this.#hold;
    if (hold === null) return;
    this.#hold = null;
    this.#forgetBrowser(hold);
    // If it is not done, somebody else has it, or the store is away: then who waits for it waits for
    // the term.
    if (!this.#isLost) await untilDone(hold.writer.release());
    await this.#leave(hold.share);
  }

  #needHold(): Hold {
    if (this.#hold !== null && !this.#isLost) return this.#hold;
    throw leaseLost();
  }

  #forgetBrowser({ share, browser }: Hold): void {
    if (browser !== null) share.worker.forgetBrowser(browser);
  }

  async #leave({ worker, leave }: WorkerShare): Promise<void> {
    worker.unclaim(this.#options.session);
    // A cell that stays is that of a process that is gone: it is found to be so.
    await untilDone(leave());
  }

  /** A share of the worker, once no other client of this process has the session. */
  async #joinAlone(signal: AbortSignal): Promise<WorkerShare> {
    const { store, session, leaseTermMs, onLeaseHeld, onWaiting } = this.#options;
    const events: WorkerSession = {
      onWanted: () => {
        this.#isWanted = true;
        this.#options.onWanted();
      },
      onLost: (error) => this.#lose(error),
    };
    for (let looks = 0; ; looks++) {
      const share = await joinWorker(store, leaseTermMs);
      const { worker } = share;
      if (worker.claim(session, events)) return share;
      await share.leave();
      const holder = { worker: worker.id, host: hostname(), pid: process.pid, termMs: leaseTermMs };
      if (onLeaseHeld === 'fail') throw new LeaseHeldError(session, holder);
      if (looks === 0) {
        onWaiting(holder);
        if (onLeaseHeld === 'takeover') worker.ask(session);
      }
      await sleep(OWN_PROCESS_POLL_MS, undefined, { signal });
    }
  }

  /** @returns false when it is damaged and the store has something better */
  async #isUsable(userDataDir: string, isStored: boolean): Promise<boolean> {
    // Ends a browser that a dead process has left on it.
    const claim = await claimProfile(userDataDir);
    try {
      await prepareProfile(userDataDir);
      return true;
    } catch (error) {
      const isDamaged = error instanceof HoldfastError && error.code === 'PROFILE_DAMAGED';
      // What to do with the only copy there is, is not decided here.
      return !isDamaged || !isStored;
    } finally {
      await claim.release();
    }
  }

  #restore(targetDir: string) {
    const { store, session, encryptionKey } = this.#options;
    return restoreSession({ store, session, encryptionKey, targetDir, overwrite: true });
  }

  async #orLost<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'SESSION_TAKEN') this.#lose(error);
      throw error;
    }
  }

  #lose(error: HoldfastError): void {
    if (this.#isLost || this.#hold === null) return;
    this.#isLost = true;
    this.#options.onLost(error);
  }
}

/** A store that never answers keeps nobody from ending. */
async function untilDone(work: Promise<void>): Promise<void> {
  await withinTime(RELEASE_PATIENCE_MS, work).catch(() => undefined);
}

function newestGeneration({ head }: SessionWriter): number {
  return head.snapshots.at(-1)?.generation ?? 0;
}

/**
 * Whether the folder is at least as new as every snapshot: the newest one was taken of it, or
 * brought to it, and no other hold has saved since.
 */
function isNewest(copy: LocalCopy | null, head: Head, session: string): boolean {
  const { snapshots } = head;
  const newest = snapshots.at(-1);
  // Somebody has logged out; only a link that was made since may be in the folder.
  if (head.state === 'logged-out') return copy !== null && copy.snapshot === null;
  if (newest === undefined) return copy === null || copy.session === session;
  if (copy === null || copy.session !== session || newest.generation > copy.generation) {
    return false;
  }
  return copy.snapshot === null
    ? snapshots.every(({ generation }) => generation === copy.generation)
    : snapshots.some(({ manifest }) => manifest.id === copy.snapshot);
}
