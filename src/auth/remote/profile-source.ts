import type { PuppeteerPage } from '../../browser/live-page.js';
import { puppeteerLivePage } from '../../browser/live-page.js';
import { ProfileCapturer } from '../../profile/capture/profile-capturer.js';
import type { LiveCookie, LivePage } from '../../profile/live-values.js';
import { ProfileActivity } from '../../profile/profile-activity.js';
import type { SavedSnapshot } from '../../snapshot/session-writer.js';
import type { LocalProfile } from '../local-profile.js';
import type { SaveReason } from './save-loop.js';
import type { StoredSession } from './stored-session.js';

/** The profile that is saved: of a browser that runs, or as one has left it. */
export class ProfileSource {
  readonly #profile: LocalProfile;
  #live: { capturer: ProfileCapturer; activity: ProfileActivity } | null = null;

  constructor(profile: LocalProfile) {
    this.#profile = profile;
  }

  get isAttached(): boolean {
    return this.#live !== null;
  }

  /** @throws {HoldfastError} CAPTURE_FAILED when the page is gone */
  async attach(page: PuppeteerPage): Promise<void> {
    const { folder } = this.#profile;
    const livePage = puppeteerLivePage(page);
    const activity = await ProfileActivity.watch(folder, livePage);
    this.#live = { capturer: new ProfileCapturer(folder, { livePage }), activity };
  }

  async detach(): Promise<void> {
    const live = this.#live;
    this.#live = null;
    await live?.activity.stop();
  }

  /** @param isOpen whether the browser has the profile open */
  async save(
    session: StoredSession,
    reason: SaveReason,
    isOpen: boolean,
  ): Promise<SavedSnapshot | null> {
    if (!isOpen || this.#live === null) return session.save(await this.#closed());
    const { capturer, activity } = this.#live;
    const mayHaveChanged = await activity.mayHaveChanged();
    if (reason === 'changed' && !mayHaveChanged) return null;
    try {
      return await session.save(capturer);
    } catch (error) {
      activity.failed();
      throw error;
    }
  }

  /** A browser that was killed has not written everything; what is missing is in the journal. */
  async #closed(): Promise<ProfileCapturer> {
    const cookies = await this.#profile.settle();
    const livePage = cookies.length === 0 ? null : pageThatHeld(cookies);
    return new ProfileCapturer(this.#profile.folder, { livePage });
  }
}

/** On disk cookies are sealed by the operating system, and cannot be carried in that form. */
function pageThatHeld(cookies: LiveCookie[]): LivePage {
  return { readLiveValues: async () => ({ localStorage: [], cookies }) };
}
