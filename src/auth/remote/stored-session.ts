import type { ProfileCapturer } from '../../profile/capture/profile-capturer.js';
import type { SkippedSnapshot } from '../../snapshot/restore/restore-session.js';
import type { SavedSnapshot } from '../../snapshot/session-writer.js';

/**
 * A session in a store, as RemoteAuth works with it: what is different between stores of objects,
 * which the engine works on, and stores of whole archives. Errors of a store are passed on as they
 * are; when to try again is RemoteAuth's matter.
 */
export interface StoredSession {
  /** How far the store may be behind when the user does not say, in milliseconds. */
  readonly defaultIntervalMs: number;

  /**
   * False while it is not sure that nobody else holds the session. Where there are no leases that
   * cannot be told, and it is true.
   */
  readonly isHeld: boolean;

  /** Whether a browser of it is closed when this process falls silent: where there are leases. */
  readonly isFenced: boolean;

  /**
   * Resolves when the session is held by this process. When it is held already this does nothing.
   *
   * @param signal aborted when nobody wants it any more: then it rejects, and holds nothing
   */
  hold(signal: AbortSignal): Promise<void>;

  /**
   * Puts the session's newest state into the folder: leaves what is there if it is that, else
   * restores it from the store. To be called while it is held, with no browser and no claim on the
   * folder. Nothing at the folder is lost before what replaces it is whole.
   */
  bring(userDataDir: string): Promise<BroughtProfile>;

  /** Notes that a browser with this pid is about to use the session. */
  noteBrowser(pid: number): Promise<void>;

  /**
   * Finds out now whether the session is still held; rejects when it is not, or while that cannot be
   * known.
   */
  confirm(): Promise<void>;

  /** Saves the profile as it is now; null when the store has it already. One call at a time. */
  save(capturer: ProfileCapturer): Promise<SavedSnapshot | null>;

  /**
   * The phone has ended the login, or the server refuses it: what is kept stays, but is not
   * restored any more, until a new link has been saved.
   *
   * @param upTo only what was saved under holds up to this one. Default: the present one
   */
  markUnlinked(upTo?: number): Promise<void>;

  /** Of the last hold: a later one has a higher one. Always 1 where there are no leases. */
  readonly generation: number;

  /**
   * Deletes it for good; resolves when it is gone, and it is not held any more. May be called again
   * after an error.
   *
   * @param upTo only what was saved under holds up to this one. Default: the present one
   */
  remove(upTo?: number): Promise<void>;

  /** Lets others have it. May be called at any time and again. */
  release(): Promise<void>;
}

/** Where the profile that lies in the folder now is from. */
export type BroughtProfile = {
  /** Whether the store holds a login, which a start from an empty folder would bring. */
  isStored: boolean;
  /** The browser that last used the profile, such as `156.0.8078.73`; null if unknown. */
  browserVersion: string | null;
} & (
  | { from: 'nowhere' }
  | { from: 'disk' }
  | {
      from: 'store';
      /** 0 for stores that do not count. */
      sequence: number;
      /** ISO 8601, UTC; null for stores that do not say. */
      savedAt: string | null;
      /** Of the files, together. */
      bytes: number;
      bytesFetched: number;
      /** Newer snapshots that do not open, and why. */
      skipped: SkippedSnapshot[];
    }
);
