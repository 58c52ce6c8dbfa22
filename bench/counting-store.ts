import type { FormerArchives } from '../src/objects/former-archives.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from '../src/objects/object-store.js';
import type { Bytes } from './measure/traffic.js';

/** What a store was asked. */
export interface Requests extends Bytes {
  count: number;
}

/** A store that counts requests and bytes on their way to another. */
export class CountingStore implements ObjectStore {
  #count = 0;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(private readonly store: ObjectStore) {}

  get defaultSaveIntervalMs(): number | undefined {
    return this.store.defaultSaveIntervalMs;
  }

  get defaultBudget(): number | undefined {
    return this.store.defaultBudget;
  }

  get formerArchives(): FormerArchives | undefined {
    return this.store.formerArchives;
  }

  /** What it has been asked since it was last asked this. */
  takeRequests(): Requests {
    const taken = {
      count: this.#count,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    };
    this.#count = 0;
    this.#bytesSent = 0;
    this.#bytesReceived = 0;
    return taken;
  }

  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    this.#count++;
    const bytes = await this.store.get(key, range, signal);
    this.#bytesReceived += bytes?.length ?? 0;
    return bytes;
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    this.#count++;
    this.#bytesSent += bytes.length;
    return this.store.put(key, bytes, signal);
  }

  /** One request, though a backend may need one for each thousand keys. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    this.#count++;
    return this.store.list(prefix, signal);
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    this.#count++;
    return this.store.delete(keys, signal);
  }

  async readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    this.#count++;
    const cell = await this.store.readCell(key, signal);
    this.#bytesReceived += cell?.value.length ?? 0;
    return cell;
  }

  swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    this.#count++;
    this.#bytesSent += value.length;
    return this.store.swapCell(key, value, expectedVersion, signal);
  }
}
