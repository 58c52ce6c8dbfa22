import path from 'node:path';
import {
  type Check,
  checkOptions,
  isBoolean,
  isTextOrNull,
  isWholeNumber,
} from '../check-options.js';
import { AuthStrategy, type StrategyClient } from './auth-strategy.js';
import { type ClientCalls, followCalls } from './client-calls.js';
import { checkClientId } from './client-id.js';
import { browserRuns, untilClosing, untilEnded } from './former-browser.js';
import { launchOn, refuseOtherProfiles, takeOverSignals } from './launch-options.js';
import { LocalProfile } from './local-profile.js';

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

const CHECKS: Record<string, Check> = {
  clientId: isTextOrNull,
  dataPath: isTextOrNull,
  rmMaxRetries: isWholeNumber,
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
  #calls!: ClientCalls;
  #profile: LocalProfile | null = null;
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

  override setup(client: StrategyClient): void {
    super.setup(client);
    this.#calls = followCalls(client);
  }

  override async beforeBrowserInitialized(): Promise<void> {
    // whatsapp-web.js's Client starts over after an unlink, in the browser that runs, if one does.
    if (!this.#calls.isStarting) return;
    const folder = this.sessionFolder;
    refuseOtherProfiles(this.client, folder, 'LocalAuth');
    if (browserRuns(this.client) && (await untilClosing(this.client))) await this.destroy();
    if (!browserRuns(this.client)) {
      this.#profile ??= new LocalProfile(folder);
      await this.#profile.open();
      this.userDataDir = folder;
    }
    launchOn(this.client, folder);
    if (this.client.handlesSignals !== true && this.handleSignals) {
      this.#stopHandlingSignals ??= takeOverSignals(this.client);
    }
  }

  override async afterBrowserInitialized(): Promise<void> {
    // A browser that is gone is found to be so elsewhere.
    if (browserRuns(this.client)) await this.#profile?.attach(this.client);
  }

  /** The login has been accepted: from here on it is safe. */
  override async getAuthEventPayload(): Promise<undefined> {
    await this.#profile?.flush();
  }

  override async logout(): Promise<void> {
    // whatsapp-web.js's listener calls this with the browser running, as a rule. The page has
    // cleared its storage then. After an unlink the next link goes into this profile; removed from
    // under the browser, it would be lost. `client.logout()` calls once more at its end.
    if (this.#profile === null || !this.#calls.isLoggingOut || browserRuns(this.client)) return;
    try {
      await this.#profile.remove(this.rmMaxRetries);
    } finally {
      await this.destroy();
    }
  }

  override async destroy(): Promise<void> {
    this.#stopHandlingSignals?.();
    this.#stopHandlingSignals = null;
    await untilEnded(this.client);
    await this.#profile?.release();
  }
}
