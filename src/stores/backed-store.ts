import { type Check, isObject, isText } from '../check-options.js';
import type { FormerArchives } from '../objects/former-archives.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from '../objects/object-store.js';
import type { RequestLimits } from '../objects/requests/request-limits.js';
import { parseEncryptionKey } from '../snapshot/encryption-key.js';
import { checkRetention } from '../snapshot/retention.js';
import { type ArchiveMethodOptions, ArchiveMethods } from './archive-methods.js';
import type { Store } from './store.js';

/** Of the options that every store has. */
export const STORE_CHECKS: Record<string, Check> = {
  encryptionKey: [() => true, 'a key'],
  dataPath: isText,
  retention: isObject,
};

/** What every store over a network can be told. */
export interface RemoteStoreOptions extends ArchiveMethodOptions {
  /** Bounds for the requests to the store. */
  requests?: RequestLimits | undefined;
}

/** Of the options that every store over a network has. */
export const REMOTE_STORE_CHECKS: Record<string, Check> = { ...STORE_CHECKS, requests: isObject };

/**
 * A store of ours: a backend that keeps objects, and whatsapp-web.js's four methods as a view on
 * the sessions in it.
 */
export abstract class BackedStore implements ObjectStore, Store {
  readonly #backend: ObjectStore;
  readonly #archives: ArchiveMethods;

  /** @throws {HoldfastError} INVALID_KEY, INVALID_OPTION */
  constructor(backend: ObjectStore, options: ArchiveMethodOptions) {
    const { encryptionKey, dataPath, retention } = options;
    if (encryptionKey !== undefined) parseEncryptionKey(encryptionKey);
    checkRetention(retention);
    this.#backend = backend;
    this.#archives = new ArchiveMethods(this, { encryptionKey, dataPath, retention });
  }

  get defaultSaveIntervalMs(): number | undefined {
    return this.#backend.defaultSaveIntervalMs;
  }

  get defaultBudget(): number | undefined {
    return this.#backend.defaultBudget;
  }

  get formerArchives(): FormerArchives | undefined {
    return this.#backend.formerArchives;
  }

  get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    return this.#backend.get(key, range, signal);
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#backend.put(key, bytes, signal);
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    return this.#backend.list(prefix, signal);
  }

  readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    return this.#backend.readCell(key, signal);
  }

  swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#backend.swapCell(key, value, expectedVersion, signal);
  }

  /**
   * Ends the connections that the store has opened itself; those that it was handed stay open. No
   * call may follow.
   */
  async close(): Promise<void> {
    await this.#backend.close?.();
  }

  sessionExists(options: { session: string }): Promise<boolean> {
    return this.#archives.sessionExists(options);
  }

  save(options: { session: string }): Promise<void> {
    return this.#archives.save(options);
  }

  /** Writes it to the file `path`; without one, to `./<session>.zip`. */
  extract(options: { session: string; path?: string }): Promise<void> {
    return this.#archives.extract(options);
  }

  /** Deletes objects and cells by their keys. */
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Forgets a session; one that was never saved is no error. */
  delete(options: { session: string }): Promise<void>;
  delete(what: readonly string[] | { session: string }, signal?: AbortSignal): Promise<void> {
    return 'session' in what ? this.#archives.delete(what) : this.#backend.delete(what, signal);
  }
}
