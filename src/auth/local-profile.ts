import { puppeteerLivePage } from '../browser/live-page.js';
import { HoldfastError } from '../errors.js';
import { putBackCookies } from '../profile/devtools-page.js';
import { LiveJournal } from '../profile/live-journal.js';
import type { LiveCookie } from '../profile/live-values.js';
import { prepareProfile } from '../profile/prepare-profile.js';
import { claimProfile, type ProfileClaim } from '../profile/profile-claim.js';
import { recoverLiveValues } from '../profile/recover-live-values.js';
import { warn } from '../system/warn.js';
import type { StrategyClient } from './auth-strategy.js';
import {
  moveSessionFolderAside,
  openSessionFolder,
  removeSessionFolder,
  sweepRemovedFolders,
} from './session-folder.js';

/**
 * A profile folder of this machine in the hands of one strategy: claimed, made safe to open, and
 * with a journal of what its browser holds in memory.
 */
export class LocalProfile {
  readonly folder: string;
  #claim: ProfileClaim | null = null;
  #journal: LiveJournal | null = null;
  /** Of a run that was killed, or of a restore: for the browser of this one. */
  #cookies: LiveCookie[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes the folder if it is not there, claims it and prepares it for a browser.
   *
   * @throws {HoldfastError} PROFILE_IN_USE, PROFILE_DAMAGED (it was moved aside),
   *   PROFILE_LAYOUT_UNSUPPORTED, DATA_PATH_UNUSABLE
   */
  async open(): Promise<void> {
    await openSessionFolder(this.folder);
    await sweepRemovedFolders(this.folder);
    this.#claim ??= await claimProfile(this.folder);
    try {
      await prepareProfile(this.folder);
      this.#cookies = await recoverOrWarn(this.folder);
    } catch (error) {
      await this.release();
      if (!(error instanceof HoldfastError) || error.code !== 'PROFILE_DAMAGED') throw error;
      const aside = await moveSessionFolderAside(this.folder);
      throw new HoldfastError(
        'PROFILE_DAMAGED',
        `${error.message} It was moved to ${aside} as it is; the next start begins with a new login.`,
        { cause: error },
      );
    }
  }

  /** To be called when the client's browser runs and no page of it was opened yet. */
  async attach({ pupBrowser, pupPage }: StrategyClient): Promise<void> {
    const pid = pupBrowser?.process()?.pid;
    if (pid !== undefined) await this.#claim?.noteBrowser(pid);
    if (!pupPage || this.#journal !== null) return;
    const cookies = this.#cookies;
    this.#cookies = [];
    try {
      const session = await pupPage.createCDPSession();
      await putBackCookies(session, cookies).finally(() => session.detach());
      this.#journal = await LiveJournal.start(this.folder, puppeteerLivePage(pupPage));
    } catch (error) {
      // A browser that is gone is found to be so elsewhere.
      if (pupPage.isClosed()) return;
      warn('JOURNAL_FAILED', `No journal of live values is kept: ${reasonOf(error)}`);
    }
  }

  /** Brings the journal up to now. */
  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  /**
   * After the browser has ended, in whatever way: what it still held in memory goes into the files.
   * Cookies, which are sealed there, are returned.
   *
   * @throws {HoldfastError} PROFILE_DAMAGED, PROFILE_LAYOUT_UNSUPPORTED, DATA_PATH_UNUSABLE
   */
  async settle(): Promise<LiveCookie[]> {
    await this.detach();
    await prepareProfile(this.folder);
    return recoverLiveValues(this.folder);
  }

  async detach(): Promise<void> {
    const journal = this.#journal;
    this.#journal = null;
    await journal?.stop();
  }

  /** @throws {HoldfastError} PROFILE_NOT_REMOVED */
  async remove(maxRetries: number): Promise<void> {
    await this.detach();
    try {
      await removeSessionFolder(this.folder, maxRetries);
    } finally {
      await this.release();
    }
  }

  /** May be called again, and when it was never opened. */
  async release(): Promise<void> {
    await this.detach();
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
