import type { ByteRange, Cell, ListedObject, ObjectStore } from '../src/objects/object-store.js';

/** What a store was asked. */
export interface Requests {
  count: number;
  bytesSent: number;
  bytesReceived: number;
}

/** A store that counts requests and bytes on their way to another. */
export class CountingStore implements ObjectStore {
  #count = 0;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(private readonly store: ObjectStore) {}

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

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    this.#count++;
    const bytes = await this.store.get(key, range);
    this.#bytesReceived += bytes?.length ?? 0;
    return bytes;
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    this.#count++;
    this.#bytesSent += bytes.length;
    return this.store.put(key, bytes);
  }

  /** One request, though a backend may need one for each thousand keys. */
  list(prefix: string): AsyncIterable<ListedObject> {
    this.#count++;
    return this.store.list(prefix);
  }

  delete(keys: readonly string[]): Promise<void> {
    this.#count++;
    return this.store.delete(keys);
  }

  async readCell(key: string): Promise<Cell | null> {
    this.#count++;
    const cell = await this.store.readCell(key);
    this.#bytesReceived += cell?.value.length ?? 0;
    return cell;
  }

  swapCell(key: string, value: Uint8Array, expectedVersion: string | null): Promise<string> {
    this.#count++;
    this.#bytesSent += value.length;
    return this.store.swapCell(key, value, expectedVersion);
  }
}
