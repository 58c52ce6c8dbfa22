import type { FormerArchives } from '../former-archives.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from '../object-store.js';
import { isConflict, Patience, type PatienceLimits, repeat } from './patience.js';
import { RetriedArchives } from './retried-archives.js';
import { WrappedObjects } from './wrapped-objects.js';

/**
 * Repeats requests whose failure may pass, as their backend says by `transient`, after pauses that
 * grow and differ from machine to machine.
 *
 * Objects are written once, so repeating a put or a deletion does no harm. A swap may have happened
 * though its answer was lost: before it is repeated, the cell tells.
 */
export class RetriedObjects extends WrappedObjects {
  readonly #limits: PatienceLimits;
  readonly #archives: FormerArchives | undefined;

  constructor(inner: ObjectStore, limits: PatienceLimits) {
    super(inner);
    this.#limits = limits;
    const { formerArchives } = inner;
    this.#archives = formerArchives && new RetriedArchives(formerArchives, limits);
  }

  override get formerArchives(): FormerArchives | undefined {
    return this.#archives;
  }

  get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    return this.#repeat(() => this.inner.get(key, range, signal), signal);
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#repeat(() => this.inner.put(key, bytes, signal), signal);
  }

  /** Goes on behind the last key that was told: a list is in the order of its keys. */
  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    let last = '';
    let patience = this.#patience(signal);
    for (;;) {
      try {
        for await (const listed of this.inner.list(prefix, signal)) {
          if (listed.key <= last) continue;
          last = listed.key;
          patience = this.#patience(signal);
          yield listed;
        }
        return;
      } catch (error) {
        await patience.pauseAfter(error);
      }
    }
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#repeat(() => this.inner.delete(keys, signal), signal);
  }

  readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    return this.#repeat(() => this.inner.readCell(key, signal), signal);
  }

  async swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    // The caller's memory may change while the answer is waited for.
    const own = Uint8Array.from(value);
    const patience = this.#patience(signal);
    let isUnclear = false;
    for (;;) {
      try {
        return await this.inner.swapCell(key, own, expectedVersion, signal);
      } catch (error) {
        if (isUnclear && isConflict(error)) {
          const cell = await this.readCell(key, signal);
          // An earlier attempt had arrived: nobody else writes this value, as each has its own nonce.
          if (cell && cell.version !== expectedVersion && areEqual(cell.value, own)) {
            return cell.version;
          }
          throw error;
        }
        isUnclear = true;
        await patience.pauseAfter(error);
      }
    }
  }

  #repeat<T>(request: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return repeat(this.#limits, request, signal);
  }

  #patience(signal: AbortSignal | undefined): Patience {
    return new Patience(this.#limits, signal);
  }
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
