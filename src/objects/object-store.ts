import type { FormerArchives } from './former-archives.js';

/**
 * Where bytes lie. The whole contract of a backend is in this file; `holdfast/testing` states it
 * as tests.
 *
 * Keys are 1 to 512 characters of `A-Z a-z 0-9 . _ - /`; between slashes there is always
 * something, and never `.` or `..`. A key names either an object or a cell, by what is done with
 * it; `list` and `delete` take both.
 *
 * There are three answers, never two: it is here, it is not here (null), and it could not be
 * asked. The third is always an error, `STORE_UNREACHABLE` or `STORE_UNUSABLE`, and never looks
 * like the second. A backend answers from what is durable and visible to every other machine: what
 * one has written, all read from the moment the write resolves.
 *
 * A call may be given up through its signal. Nobody waits for it any more then, and what it has done
 * is open; a backend that can, ends its request.
 */
export interface ObjectStore {
  /**
   * How often a session is saved while it changes, in milliseconds, when the user does not say: for
   * a store in which every request costs money. Default: 1000.
   */
  readonly defaultSaveIntervalMs?: number | undefined;

  /**
   * What may be kept of a session, as a multiple of the profile's size, when the user does not say:
   * for a store that is small. Default: 2.
   */
  readonly defaultBudget?: number | undefined;

  /** The sessions that whatsapp-web.js's own stores have left in the same place. */
  readonly formerArchives?: FormerArchives | undefined;

  /**
   * An object's bytes, or those of a range of it; null when it is not here. A range that reaches
   * past the end gives what there is.
   */
  get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null>;

  /**
   * Keeps an object. Resolves when it is durable and whole; before that nobody sees any of it.
   * Objects are written once: a second put of a key brings the same bytes again.
   *
   * @param bytes at most {@link MAX_OBJECT_BYTES}; their memory is the caller's again afterwards
   * @throws {HoldfastError} STORE_FULL, beside the two of every call
   */
  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;

  /**
   * Everything whose key begins with `prefix` (whole characters, not whole segments), in the order
   * of the keys' bytes. What is written or deleted meanwhile may or may not be in it; all else is.
   */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject>;

  /** Deletes objects and cells; one that is not here is no error. In any order, not atomic. */
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;

  /** A cell's content, or null when it is not here. */
  readCell(key: string, signal?: AbortSignal): Promise<Cell | null>;

  /**
   * Changes a cell if it still is at `expectedVersion`; null: if it is not here. Of several at
   * once one wins. This is the only coordination asked of a backend.
   *
   * After an error other than CELL_CONFLICT it is open whether the swap happened: read the cell.
   *
   * @param value at most {@link MAX_CELL_BYTES}
   * @returns the new version
   * @throws {HoldfastError} CELL_CONFLICT when it is at another version, STORE_FULL
   */
  swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string>;

  /** Ends the connections that the store has opened itself. No call may follow. */
  close?(): Promise<void>;
}

export interface ByteRange {
  /** First byte. */
  start: number;
  /** Behind the last byte. */
  end: number;
}

export interface ListedObject {
  key: string;
  /** In bytes; a backend may count its own overhead in. */
  size: number;
}

export interface Cell {
  value: Uint8Array;
  /**
   * Opaque. A key is never given a version twice, also when the content returns to an earlier one
   * or the cell was deleted meanwhile: a backend whose versions are hashes of the content keeps
   * something random beside it.
   */
  version: string;
}

export const MAX_OBJECT_BYTES = 8 * 1024 * 1024;
export const MAX_CELL_BYTES = 64 * 1024;
