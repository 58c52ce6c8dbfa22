import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from '../object-store.js';
import type { ResolvedRequestLimits } from './request-limits.js';
import { WrappedObjects } from './wrapped-objects.js';

const FIRST_PAUSE_MS = 100;
const GROWTH = 4;

/**
 * Repeats requests whose failure may pass, as their backend says by `transient`, after pauses that
 * grow and differ from machine to machine.
 *
 * Objects are written once, so repeating a put or a deletion does no harm. A swap may have happened
 * though its answer was lost: before it is repeated, the cell tells.
 */
export class RetriedObjects extends WrappedObjects {
  readonly #attempts: number;
  readonly #beginWithinMs: number;

  constructor(inner: ObjectStore, { attempts, timeoutMs }: ResolvedRequestLimits) {
    super(inner);
    this.#attempts = attempts;
    this.#beginWithinMs = 1.5 * timeoutMs;
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

  async #repeat<T>(request: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const patience = this.#patience(signal);
    for (;;) {
      try {
        return await request();
      } catch (error) {
        await patience.pauseAfter(error);
      }
    }
  }

  #patience(signal: AbortSignal | undefined): Patience {
    return new Patience(this.#attempts, performance.now() + this.#beginWithinMs, signal);
  }
}

class Patience {
  #pauseMs = FIRST_PAUSE_MS;

  constructor(
    private attempts: number,
    private readonly lastBeginAt: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @throws the error, when it is not to be tried again */
  async pauseAfter(error: unknown): Promise<void> {
    this.attempts -= 1;
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2);
    const isOver = this.attempts === 0 || performance.now() + pauseMs > this.lastBeginAt;
    if (isOver || this.signal?.aborted || !isTransient(error)) throw error;
    this.#pauseMs *= GROWTH;
    await sleep(pauseMs, undefined, this.signal && { signal: this.signal });
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof HoldfastError && error.transient && !isConflict(error);
}

function isConflict(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'CELL_CONFLICT';
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
