import { randomBytes } from 'node:crypto';
import { cellConflict } from './cell-conflict.js';
import {
  checkCellBytes,
  checkKey,
  checkObjectBytes,
  checkPrefix,
  checkRange,
} from './object-checks.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from './object-store.js';

/** Objects and cells in the memory of this process; gone with it. For tests. */
export class MemoryObjects implements ObjectStore {
  readonly #objects = new Map<string, Uint8Array>();
  readonly #cells = new Map<string, Cell>();
  // A version of one store means nothing to another.
  readonly #nonce = randomBytes(8).toString('hex');
  #swaps = 0;

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    return this.#objects.get(key)?.slice(range?.start, range?.end) ?? null;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    checkObjectBytes(key, bytes);
    this.#objects.set(key, Uint8Array.from(bytes));
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    checkPrefix(prefix);
    const listed: ListedObject[] = [];
    for (const [key, { length }] of this.#objects) listed.push({ key, size: length });
    for (const [key, { value }] of this.#cells) listed.push({ key, size: value.length });
    yield* listed
      .filter(({ key }) => key.startsWith(prefix))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkKey);
    for (const key of keys) {
      this.#objects.delete(key);
      this.#cells.delete(key);
    }
  }

  async readCell(key: string): Promise<Cell | null> {
    checkKey(key);
    const cell = this.#cells.get(key);
    return cell === undefined ? null : { ...cell, value: cell.value.slice() };
  }

  async swapCell(key: string, value: Uint8Array, expectedVersion: string | null): Promise<string> {
    checkKey(key);
    checkCellBytes(key, value);
    if ((this.#cells.get(key)?.version ?? null) !== expectedVersion) {
      throw cellConflict(key, expectedVersion);
    }
    this.#swaps += 1;
    const version = `${this.#swaps}-${this.#nonce}`;
    this.#cells.set(key, { value: Uint8Array.from(value), version });
    return version;
  }
}
