import path from 'node:path';
import { executableOf } from '../browser/browser-executable.js';
import { readBrowserVersion } from '../browser/browser-version.js';
import type { PageFence } from '../browser/page-fence.js';
import { refuseOlderBrowser } from '../browser/refuse-older-browser.js';
import { HoldfastError } from '../errors.js';
import { leaseLost } from '../snapshot/lease/worker.js';
import type { SavedSnapshot } from '../snapshot/session-writer.js';
import { warn } from '../system/warn.js';
import { withinTime } from '../system/within-time.js';
import { type AuthenticationNeeded, AuthStrategy, type StrategyClient } from './auth-strategy.js';
import { type ClientCalls, followCalls } from './client-calls.js';
import { browserRuns, untilClosing, untilEnded } from './former-browser.js';
import {
  launchOn,
  refuseOtherProfiles,
  refuseTakeover,
  takeOverSignals,
} from './launch-options.js';
import { LocalProfile } from './local-profile.js';
import { ArchiveSession } from './remote/archive-session.js';
import { EngineSession } from './remote/engine-session.js';
import { tell } from './remote/events.js';
import { guardPage } from './remote/guarded-page.js';
import { LeaseLoss } from './remote/lease-loss.js';
import { LogoutNote } from './remote/logout-note.js';
import {
  isObjectStore,
  type RemoteAuthOptions,
  type ResolvedRemoteAuthOptions,
  resolveRemoteAuthOptions,
} from './remote/options.js';
import { ProfileSource } from './remote/profile-source.js';
import { removeFromStore } from './remote/remove-from-store.js';
import { SaveLoop, type SaveReason } from './remote/save-loop.js';
import { sayWhatIsMissing } from './remote/say-what-is-missing.js';
import { startSession } from './remote/start-session.js';
import type { BroughtProfile, StoredSession } from './remote/stored-session.js';
import { moveSessionFolderAside } from './session-folder.js';

/** How long the last save may be tried again when the store fails. */
const LAST_SAVE_PATIENCE_MS = 10_000;
const UNLINK_PATIENCE_MS = 5_000;

/**
 * Keeps the login in a store, seconds behind the browser: it comes back on an empty disk, on any
 * machine, and only one process holds it at a time. whatsapp-web.js's options and session names.
 *
 * `ready` alone does not mean that the login is saved: `session_saved` does, a moment later.
 *
 * Errors it rejects `client.initialize()` with: LEASE_HELD (with `onLeaseHeld: 'fail'`),
 * BROWSER_TOO_OLD, those of the store and of a restore, of LocalAuth's but PROFILE_DAMAGED when the
 * store can replace the folder.
 *
 * @example
 * const store = new FileStore({ path: './sessions' });
 * const client = new Client({ authStrategy: new RemoteAuth({ store, clientId: 'sales' }) });
 */
export class RemoteAuth extends AuthStrategy {
  readonly clientId: string | undefined;
  readonly dataPath: string;
  readonly handleSignals: boolean;
  /** The name the session has in the store. */
  readonly sessionName: string;
  /** The profile folder, from the first start on. */
  userDataDir: string | undefined;
  readonly #options: ResolvedRemoteAuthOptions;
  readonly #session: StoredSession;
  readonly #note: LogoutNote;
  readonly #profile: LocalProfile;
  readonly #source: ProfileSource;
  #calls!: ClientCalls;
  #loss!: LeaseLoss;
  #starting: AbortController | null = null;
  #brought: BroughtProfile | null = null;
  #fence: PageFence | null = null;
  #loop: SaveLoop | null = null;
  /** Of the page's connection, the last that was told. */
  #state: unknown = null;
  /** True from the moment a login is accepted until it has ended. */
  #isLinked = false;
  /** The next save is the first of a new link. */
  #isNewLink = false;
  /** The login of this hold has ended, and the store could not be told. */
  #unlinkedUpTo: number | null = null;
  /** The profile on this disk turned out to be without its login. */
  #mustMoveAside = false;
  #hasSaid = false;
  #unlinking: Promise<void> = Promise.resolve();
  #removing: Promise<void> | null = null;
  #ending: Promise<void> | null = null;
  #stopHandlingSignals: (() => void) | null = null;

  /** @throws {HoldfastError} INVALID_CLIENT_ID, INVALID_OPTION, INVALID_KEY */
  constructor(options: RemoteAuthOptions) {
    super();
    const resolved = resolveRemoteAuthOptions(options);
    const { clientId, store, encryptionKey, handleSignals } = resolved;
    this.#options = resolved;
    this.clientId = clientId;
    this.handleSignals = handleSignals;
    this.dataPath = path.resolve(resolved.dataPath);
    this.sessionName = clientId ? `RemoteAuth-${clientId}` : 'RemoteAuth';
    this.#profile = new LocalProfile(this.sessionFolder);
    this.#source = new ProfileSource(this.#profile);
    this.#note = new LogoutNote(this.dataPath, this.sessionName);
    const session = this.sessionName;
    this.#session = isObjectStore(store)
      ? new EngineSession({
          ...resolved,
          store,
          session,
          onAdopted: (adopted) => tell(this.client, 'session_adopted', adopted),
          onWaiting: (holder) => tell(this.client, 'lease_waiting', { session, holder }),
          onWanted: () => this.#loss.giveWay(),
          onLost: (error) => this.#loss.giveUp(error),
        })
      : new ArchiveSession({ store, session, dataPath: this.dataPath, encryptionKey });
  }

  /** Where the profile lies while a browser runs, whether it is there yet or not. */
  get sessionFolder(): string {
    return path.join(this.dataPath, this.sessionName);
  }

  override get isHeld(): boolean {
    return this.#session.isHeld;
  }

  override setup(client: StrategyClient): void {
    super.setup(client);
    this.#calls = followCalls(client);
    this.#loss = new LeaseLoss(client, this.sessionName);
    client.on?.('change_state', (state: unknown) => {
      this.#state = state;
      // Holdfast's Client asks whether the session is held; whatsapp-web.js's would take it back.
      if (state === 'CONFLICT' && !this.isHeld && client.handlesSignals !== true) {
        refuseTakeover(client);
        this.#loss.giveUp(leaseLost());
      }
    });
  }

  override async beforeBrowserInitialized(): Promise<void> {
    const folder = this.sessionFolder;
    // whatsapp-web.js's Client starts over after an unlink, in the browser that runs, if one does.
    if (!this.#calls.isStarting) return;
    refuseOtherProfiles(this.client, folder, 'RemoteAuth');
    if (browserRuns(this.client) && (await untilClosing(this.client))) await this.destroy();
    if (!browserRuns(this.client)) await this.#bring(folder);
    launchOn(this.client, folder);
    if (this.client.handlesSignals !== true && this.handleSignals) {
      this.#stopHandlingSignals ??= takeOverSignals(this.client);
    }
  }

  override async afterBrowserInitialized(): Promise<void> {
    const { pupBrowser, pupPage } = this.client;
    // A browser that is gone is found to be so elsewhere.
    if (!pupBrowser || !pupPage || !browserRuns(this.client) || this.#source.isAttached) return;
    await this.#profile.attach(this.client);
    this.#refuseOlder(/[\d.]+$/.exec(await pupBrowser.version())?.[0] ?? null);
    const pid = pupBrowser.process()?.pid;
    if (pid !== undefined) await this.#session.noteBrowser(pid).catch(passOverUnlessLost);
    await this.#source.attach(pupPage);
    if (!this.#session.isFenced) return;
    this.#fence = await guardPage(pupPage, {
      limitMs: this.#options.leaseTermMs / 2,
      confirm: () => this.#session.confirm(),
    });
  }

  override async onAuthenticationNeeded(): Promise<AuthenticationNeeded> {
    const brought = this.#brought;
    if (brought === null || this.#isNewLink || !brought.isStored) return { failed: false };
    if (brought.from === 'disk') {
      this.#mustMoveAside = true;
      const failureEventPayload =
        'The profile on this disk holds no login any more; the one in the store is tried.';
      return { failed: true, restart: true, failureEventPayload };
    }
    await this.#endLink();
    return { failed: false };
  }

  override async getAuthEventPayload(): Promise<undefined> {
    this.#isLinked = true;
    await this.#profile.flush();
  }

  override async afterAuthReady(): Promise<void> {
    this.#isLinked = true;
    this.#loop ??= this.#createLoop();
    this.#loop.start();
  }

  // A session that is given up is still linked: `disconnect()` changes nothing.

  override async unlinked(): Promise<void> {
    await this.#endLink();
    // The browser is gone, and the next one is to begin anew.
    await this.#source.detach();
    await this.#stopFence();
    await this.#profile.remove(this.#options.rmMaxRetries);
  }

  override async logout(): Promise<void> {
    if (this.client.handlesSignals === true) return this.#forget();
    // From whatsapp-web.js's listener it comes with the browser running, as a rule. Of an unlink
    // the next link goes into this profile then; `client.logout()` calls once more at its end.
    if (!this.#calls.isLoggingOut || browserRuns(this.client)) return this.#endLink();
    await this.#forget().catch(({ message }: Error) => warn('LOGOUT_UNFINISHED', message));
  }

  override destroy(): Promise<void> {
    this.#starting?.abort();
    this.#ending ??= this.#end().finally(() => {
      this.#ending = null;
    });
    return this.#ending;
  }

  async #bring(folder: string): Promise<void> {
    await this.#ending;
    if (!this.#hasSaid) sayWhatIsMissing(this.sessionName, this.#options);
    this.#hasSaid = true;
    const starting = new AbortController();
    const { signal } = starting;
    const startedAt = performance.now();
    this.#starting = starting;
    this.#loss.isLost = false;
    this.#isLinked = false;
    this.#state = null;
    try {
      if (this.#mustMoveAside) await moveSessionFolderAside(folder);
      this.#mustMoveAside = false;
      const { storeTimeoutMs } = this.#options;
      this.#brought = await startSession(this.#session, {
        userDataDir: folder,
        note: this.#note,
        unlinkedUpTo: this.#unlinkedUpTo,
        storeTimeoutMs,
        signal,
      });
      this.#unlinkedUpTo = null;
      const executable = executableOf(this.client.options.puppeteer ?? {});
      if (executable !== null) this.#refuseOlder(await readBrowserVersion(executable));
      await this.#profile.open();
      signal.throwIfAborted();
    } catch (error) {
      await this.#profile.release();
      await this.#session.release();
      throw error;
    } finally {
      this.#starting = null;
    }
    this.userDataDir = folder;
    this.#isNewLink = !this.#brought.isStored;
    if (this.#brought.from === 'nowhere') return;
    const durationMs = performance.now() - startedAt;
    tell(this.client, 'session_restored', {
      session: this.sessionName,
      durationMs,
      ...this.#brought,
    });
  }

  #refuseOlder(browserVersion: string | null): void {
    if (this.#options.allowOlderBrowser) return;
    refuseOlderBrowser(this.#brought?.browserVersion ?? null, browserVersion);
  }

  #createLoop(): SaveLoop {
    return new SaveLoop({
      intervalMs: this.#options.backupSyncIntervalMs ?? this.#session.defaultIntervalMs,
      save: (reason) => this.#save(reason),
      onSaved: (saved, reason) => {
        if (saved === null) return;
        tell(this.client, 'session_saved', { ...saved, reason });
        if (!this.#isNewLink) return;
        this.#isNewLink = false;
        tell(this.client, 'remote_session_saved');
      },
      onFailed: (error, nextTryMs) => {
        // One that is lost is not saved any more, and that is told by another event.
        if (this.#loss.isLost) return;
        tell(this.client, 'session_save_failed', { session: this.sessionName, error, nextTryMs });
      },
    });
  }

  async #save(reason: SaveReason): Promise<SavedSnapshot | null> {
    // A page that is being unlinked may have cleared its storage already.
    const isUnpaired = this.#state === 'UNPAIRED' || this.#state === 'UNPAIRED_IDLE';
    if (!this.#isLinked || isUnpaired) return null;
    return this.#source.save(this.#session, reason, browserRuns(this.client));
  }

  async #end(): Promise<void> {
    this.#stopHandlingSignals?.();
    this.#stopHandlingSignals = null;
    await this.#stopFence();
    await withinTime(UNLINK_PATIENCE_MS, this.#unlinking);
    await untilEnded(this.client);
    if (this.#isLinked && !this.#loss.isLost) {
      this.#loop ??= this.#createLoop();
      await this.#loop.finish(LAST_SAVE_PATIENCE_MS);
    }
    await this.#stopLoop();
    this.#isLinked = false;
    await this.#source.detach();
    await this.#profile.release();
    await this.#session.release();
  }

  /** The login has ended, but nobody has asked to forget it. */
  #endLink(): Promise<void> {
    // Told again, or of a link that was never there.
    if (this.#isNewLink && !this.#isLinked) return this.#unlinking;
    this.#isLinked = false;
    this.#isNewLink = true;
    this.#unlinkedUpTo = this.#session.generation;
    this.#unlinking = this.#unlinking.then(async () => {
      await this.#stopLoop();
      try {
        await this.#session.markUnlinked();
        this.#unlinkedUpTo = null;
      } catch (error) {
        // Until then the store offers a login that is refused; the next start says it first.
        warn('UNLINK_NOT_NOTED', `The store could not be told: ${(error as Error).message}`);
      }
    });
    return this.#unlinking;
  }

  #forget(): Promise<void> {
    this.#isLinked = false;
    this.#removing ??= this.#remove().finally(() => {
      this.#removing = null;
    });
    return this.#removing;
  }

  async #remove(): Promise<void> {
    await this.#unlinking;
    await this.#stopLoop();
    await untilEnded(this.client);
    const failure = await removeFromStore(this.#session, this.#note);
    this.#unlinkedUpTo = null;
    try {
      await this.#profile.remove(this.#options.rmMaxRetries);
    } finally {
      await this.destroy();
    }
    if (failure !== null) throw failure;
  }

  async #stopFence(): Promise<void> {
    const fence = this.#fence;
    this.#fence = null;
    await fence?.stop();
  }

  async #stopLoop(): Promise<void> {
    const loop = this.#loop;
    this.#loop = null;
    await loop?.stop();
  }
}

/** A store that is away hears of the browser by a later renewal. */
function passOverUnlessLost(error: unknown): void {
  if (error instanceof HoldfastError && error.code === 'LEASE_LOST') throw error;
}
