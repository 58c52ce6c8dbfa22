import type { LiveValues } from '../live-values.js';

/** A profile at one moment, to be read until `release()`. */
export interface CapturedProfile {
  /** In the order of their paths. */
  files: CapturedFile[];
  live: CapturedLiveValues;
  /** The version of the browser that last opened it, such as `156.0.8078.73`; null if unknown. */
  browserVersion: string | null;
  /** Parts that could not be captured and hold no login, such as `Default/Service Worker/Database`. */
  leftOut: string[];
  /** Lets go of the files. */
  release(): Promise<void>;
}

export interface CapturedFile {
  /** Relative to the user data dir, with `/`. */
  path: string;
  /** How many of its bytes belong to the snapshot. */
  size: number;
  /**
   * - `fixed`: never changes; the same stamp means the same bytes.
   * - `growing`: the bytes up to an earlier `size` stay as they were while `identity` does.
   * - `changing`: anything may change; whoever has read it asks `isSettled`.
   */
  kind: 'fixed' | 'growing' | 'changing';
  identity: string;
  /** Equal stamps mean equal content, which need not be read again; null: it has to be read. */
  stamp: string | null;
  /** Fills `target` from `position` on. */
  read(target: Uint8Array, position: number): Promise<void>;
  /** False when the file was written since the capture, so that what was read may be of two times. */
  isSettled(): Promise<boolean>;
}

/** localStorage and cookies from the browser's memory, or why there are none. */
export type CapturedLiveValues =
  | { state: 'included'; values: LiveValues }
  /** The browser was closed: the files are complete. */
  | { state: 'not-needed' }
  | { state: 'unavailable'; reason: string };
