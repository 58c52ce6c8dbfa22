import { type Check, isObject, isText } from '../check-options.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from '../objects/object-store.js';
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

  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    return this.#backend.get(key, range);
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    return this.#backend.put(key, bytes);
  }

  list(prefix: string): AsyncIterable<ListedObject> {
    return this.#backend.list(prefix);
  }

  readCell(key: string): Promise<Cell | null> {
    return this.#backend.readCell(key);
  }

  swapCell(key: string, value: Uint8Array, expectedVersion: string | null): Promise<string> {
    return this.#backend.swapCell(key, value, expectedVersion);
  }

  sessionExists(options: { session: string }): Promise<boolean> {
    return this.#archives.sessionExists(options);
  }

  save(options: { session: string }): Promise<void> {
    return this.#archives.save(options);
  }

  extract(options: { session: string; path: string }): Promise<void> {
    return this.#archives.extract(options);
  }

  /** Deletes objects and cells by their keys. */
  delete(keys: readonly string[]): Promise<void>;
  /** Forgets a session; one that was never saved is no error. */
  delete(options: { session: string }): Promise<void>;
  delete(what: readonly string[] | { session: string }): Promise<void> {
    return 'session' in what ? this.#archives.delete(what) : this.#backend.delete(what);
  }
}
