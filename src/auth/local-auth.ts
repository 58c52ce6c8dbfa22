import path from 'node:path';
import { pinStorageBackends } from '../browser/browser-arguments.js';
import { puppeteerLivePage } from '../browser/live-page.js';
import { type Check, checkOptions, isBoolean } from '../check-options.js';
import { HoldfastError } from '../errors.js';
import { putBackCookies } from '../profile/devtools-page.js';
import { LiveJournal } from '../profile/live-journal.js';
import type { LiveCookie } from '../profile/live-values.js';
import { prepareProfile } from '../profile/prepare-profile.js';
import { claimProfile, type ProfileClaim } from '../profile/profile-claim.js';
import { recoverLiveValues } from '../profile/recover-live-values.js';
import { onShutdown } from '../system/shutdown.js';
import { warn } from '../system/warn.js';
import { AuthStrategy } from './auth-strategy.js';
import { checkClientId } from './client-id.js';
import {
  moveSessionFolderAside,
  openSessionFolder,
  removeSessionFolder,
  sweepRemovedFolders,
} from './session-folder.js';

export interface LocalAuthOptions {
  /** Tells several sessions under one `dataPath` apart. Letters, digits, `_` and `-`. */
  clientId?: string | undefined;
  /** The folder that holds the sessions' folders. Default: `./.wwebjs_auth`. */
  dataPath?: string | undefined;
  /** How often removing the folder after a logout is tried again. Default: 4. */
  rmMaxRetries?: number | undefined;
  /**
   * Close the browser properly on SIGINT, SIGTERM and SIGHUP before the process ends.
   * Default: true.
   */
  handleSignals?: boolean | undefined;
}

// whatsapp-web.js's documentation says to leave these two at null.
const isTextOrNull: Check = [(value) => value === null || typeof value === 'string', 'a string'];
const CHECKS: Record<string, Check> = {
  clientId: isTextOrNull,
  dataPath: isTextOrNull,
  rmMaxRetries: [
    (value) => Number.isInteger(value) && Number(value) >= 0,
    'a whole number, 0 or more',
  ],
  handleSignals: isBoolean,
};

/**
 * Keeps the login in a folder on this machine: a whole browser profile, in
 * `<dataPath>/session` or `<dataPath>/session-<clientId>`, as whatsapp-web.js does. A folder made
 * by whatsapp-web.js is used as it is.
 *
 * Before each launch the profile is made safe to open: what a killed browser left half-written at
 * the end of a log is cut off, stale locks are cleared, and a browser whose owner is dead is ended.
 * What a browser holds in memory and would write to disk up to a minute later is kept in a small
 * file of the profile; if the browser is killed, the next start finds it in its place.
 *
 * Errors it rejects `client.initialize()` with: PROFILE_IN_USE, PROFILE_DAMAGED (the folder was
 * moved aside, nothing in it is lost), PROFILE_LAYOUT_UNSUPPORTED, DATA_PATH_UNUSABLE,
 * INCOMPATIBLE_OPTIONS. On logout: PROFILE_NOT_REMOVED.
 *
 * @example
 * const client = new Client({ authStrategy: new LocalAuth({ clientId: 'sales' }) });
 */
export class LocalAuth extends AuthStrategy {
  readonly clientId: string | undefined;
  readonly dataPath: string;
  readonly rmMaxRetries: number;
  readonly handleSignals: boolean;
  /** The profile folder, from the first start on. */
  userDataDir: string | undefined;
  #claim: ProfileClaim | null = null;
  #journal: LiveJournal | null = null;
  /** Of a run that was killed: for the browser of this one. */
  #cookies: LiveCookie[] = [];
  #stopHandlingSignals: (() => void) | null = null;

  /** @throws {HoldfastError} INVALID_CLIENT_ID, INVALID_OPTION */
  constructor(options: LocalAuthOptions = {}) {
    super();
    checkClientId(options?.clientId);
    checkOptions('LocalAuth.', options, CHECKS);
    const { clientId, dataPath, rmMaxRetries = 4, handleSignals = true } = options;
    this.clientId = clientId || undefined;
    this.dataPath = path.resolve(dataPath || './.wwebjs_auth/');
    this.rmMaxRetries = rmMaxRetries;
    this.handleSignals = handleSignals;
  }

  /** Where the profile is kept, whether it is there yet or not. */
  get sessionFolder(): string {
    return path.join(this.dataPath, this.clientId ? `session-${this.clientId}` : 'session');
  }

  override async beforeBrowserInitialized(): Promise<void> {
    const folder = this.sessionFolder;
    this.#checkOptions(folder);
    // whatsapp-web.js's Client starts over in the running browser after an unlink.
    if (!this.#browserRuns()) await this.#bringProfile(folder);
    const { puppeteer = {} } = this.client.options;
    this.client.options.puppeteer = {
      ...puppeteer,
      userDataDir: folder,
      args: pinStorageBackends(puppeteer.args ?? []),
      // The browser must close itself, and flush, when this process dies.
      pipe: true,
    };
    if (this.client.handlesSignals !== true && this.handleSignals) this.#takeOverSignals();
  }

  override async afterBrowserInitialized(): Promise<void> {
    const pid = this.client.pupBrowser?.process()?.pid;
    if (pid !== undefined) await this.#claim?.noteBrowser(pid);
    await this.#keepJournal();
  }

  /** The login has been accepted: from here on it is safe. */
  override async getAuthEventPayload(): Promise<undefined> {
    await this.#journal?.flush();
  }

  override async logout(): Promise<void> {
    // whatsapp-web.js's Client calls this with the browser running when the phone unlinked the
    // device. The page has cleared its storage then, and the next link goes into this profile:
    // removed from under the browser, that link would be lost.
    if (this.userDataDir === undefined || this.#browserRuns()) return;
    await this.#stopJournal();
    try {
      await removeSessionFolder(this.userDataDir, this.rmMaxRetries);
    } finally {
      await this.destroy();
    }
  }

  override async destroy(): Promise<void> {
    this.#stopHandlingSignals?.();
    this.#stopHandlingSignals = null;
    await this.#stopJournal();
    await this.#release();
  }

  #checkOptions(folder: string): void {
    const { args, browserWSEndpoint, browserURL, ...options } = this.client.options.puppeteer ?? {};
    const argument = args?.find((arg) => arg.startsWith('--user-data-dir='));
    const userDataDir = argument?.slice(argument.indexOf('=') + 1) ?? options.userDataDir;
    if (userDataDir !== undefined && path.resolve(userDataDir) !== folder) {
      throw new HoldfastError(
        'INCOMPATIBLE_OPTIONS',
        `The browser's user data dir is given as ${userDataDir}, but LocalAuth keeps the profile in ${folder}. ` +
          'Remove it, or choose the place by dataPath and clientId.',
      );
    }
    if (browserWSEndpoint !== undefined || browserURL !== undefined) {
      throw new HoldfastError(
        'INCOMPATIBLE_OPTIONS',
        'LocalAuth keeps the profile of a browser that it starts; it cannot keep that of a browser ' +
          'elsewhere. Remove puppeteer.browserWSEndpoint and browserURL, or use NoAuth.',
      );
    }
  }

  async #bringProfile(folder: string): Promise<void> {
    await openSessionFolder(folder);
    await sweepRemovedFolders(folder);
    this.#claim ??= await claimProfile(folder);
    this.userDataDir = folder;
    try {
      await prepareProfile(folder);
      this.#cookies = await recoverOrWarn(folder);
    } catch (error) {
      await this.#release();
      if (!(error instanceof HoldfastError) || error.code !== 'PROFILE_DAMAGED') throw error;
      const aside = await moveSessionFolderAside(folder);
      throw new HoldfastError(
        'PROFILE_DAMAGED',
        `${error.message} It was moved to ${aside} as it is; the next start begins with a new login.`,
        { cause: error },
      );
    }
  }

  /** From now on nothing is lost with a browser that is killed. */
  async #keepJournal(): Promise<void> {
    const { pupPage } = this.client;
    // whatsapp-web.js's Client calls this again in the running browser after an unlink.
    if (!pupPage || this.userDataDir === undefined || this.#journal !== null) return;
    const cookies = this.#cookies;
    this.#cookies = [];
    try {
      const session = await pupPage.createCDPSession();
      await putBackCookies(session, cookies).finally(() => session.detach());
      this.#journal = await LiveJournal.start(this.userDataDir, puppeteerLivePage(pupPage));
    } catch (error) {
      // A browser that is gone is found to be so elsewhere.
      if (pupPage.isClosed()) return;
      warn('JOURNAL_FAILED', `LocalAuth keeps no journal of live values: ${reasonOf(error)}`);
    }
  }

  async #stopJournal(): Promise<void> {
    const journal = this.#journal;
    this.#journal = null;
    await journal?.stop();
  }

  #browserRuns(): boolean {
    return this.client.pupBrowser?.connected === true;
  }

  #takeOverSignals(): void {
    this.client.options.puppeteer = {
      ...this.client.options.puppeteer,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    };
    this.#stopHandlingSignals ??= onShutdown(() => this.client.destroy());
  }

  async #release(): Promise<void> {
    const claim = this.#claim;
    this.#claim = null;
    await claim?.release();
  }
}

/** A damage that the browser may well live with is no reason to keep it from starting. */
async function recoverOrWarn(folder: string): Promise<LiveCookie[]> {
  try {
    return await recoverLiveValues(folder);
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'PROFILE_DAMAGED') throw error;
    warn('JOURNAL_NOT_MERGED', `What the killed browser held in memory is lost: ${error.message}`);
    return [];
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
