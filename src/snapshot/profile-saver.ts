import { ProfileCapturer } from '../profile/capture/profile-capturer.js';
import type { LivePage } from '../profile/live-values.js';
import { type SavedSnapshot, SessionWriter, type SessionWriterOptions } from './session-writer.js';

export interface ProfileSaverOptions extends SessionWriterOptions {
  /** The profile's folder: the browser's user data dir. */
  userDataDir: string;
  /**
   * A page of the browser that has the profile open, for localStorage and cookies that are not on
   * disk yet. See `puppeteerLivePage` and `playwrightLivePage`.
   */
  livePage?: LivePage | undefined;
}

/**
 * Saves a browser profile to a store, again and again: each save sends what has changed.
 *
 * @example
 * const saver = await ProfileSaver.open({ store, session: 'RemoteAuth', userDataDir, livePage });
 * setInterval(() => saver.save(), 1000);
 */
export class ProfileSaver {
  readonly #capturer: ProfileCapturer;
  readonly #writer: SessionWriter;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(capturer: ProfileCapturer, writer: SessionWriter) {
    this.#capturer = capturer;
    this.#writer = writer;
  }

  /** Takes the session from whoever saved it before. @throws {HoldfastError} as SessionWriter.open */
  static async open(options: ProfileSaverOptions): Promise<ProfileSaver> {
    const { userDataDir, livePage, ...writerOptions } = options;
    const writer = await SessionWriter.open(writerOptions);
    return new ProfileSaver(new ProfileCapturer(userDataDir, { livePage }), writer);
  }

  /**
   * Saves the profile as it is now; one call at a time, the next waits for the one before. Null, and
   * no request to the store, when nothing has changed.
   *
   * @throws {HoldfastError} those of ProfileCapturer.capture and SessionWriter.save. The snapshot
   *   before stands; calling it again is all there is to do.
   */
  save(): Promise<SavedSnapshot | null> {
    const saved = this.#last.then(() => this.#save());
    this.#last = saved.catch(() => undefined);
    return saved;
  }

  /** Waits until no save is under way. */
  async close(): Promise<void> {
    await this.#last;
  }

  async #save(): Promise<SavedSnapshot | null> {
    const profile = await this.#capturer.capture(this.#writer.isStored);
    try {
      return await this.#writer.save(profile);
    } finally {
      await profile.release();
    }
  }
}
