import { Histogram } from 'prom-client';
import { HoldfastError } from '../../errors.js';
import type { ByteRange, Cell, ListedObject } from '../../objects/object-store.js';
import { WrappedObjects } from '../../objects/requests/wrapped-objects.js';

const BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

type Operation = 'get' | 'put' | 'list' | 'delete' | 'read_cell' | 'swap_cell';
type Outcome = 'ok' | 'conflict' | 'given_up' | 'unreachable' | 'failed';

/** Measures how long a store's answers take, as whoever asks it sees that: retries included. */
export class TimedObjects extends WrappedObjects {
  /** In no registry yet: the store is there before the fleet that is measured. */
  readonly durations = new Histogram({
    name: 'holdfast_store_request_duration_seconds',
    help: 'How long requests to the store took, with retries and waiting for their turn.',
    labelNames: ['operation', 'outcome'] as const,
    buckets: BUCKETS_S,
    registers: [],
  });

  get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    return this.#timed('get', signal, () => this.inner.get(key, range, signal));
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#timed('put', signal, () => this.inner.put(key, bytes, signal));
  }

  /** What the caller does between two of them is not in its time. */
  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    const listed = this.inner.list(prefix, signal)[Symbol.asyncIterator]();
    let waitedMs = 0;
    let outcome: Outcome = 'ok';
    try {
      for (;;) {
        const began = performance.now();
        const next = await listed.next().finally(() => {
          waitedMs += performance.now() - began;
        });
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      outcome = outcomeOf(error, signal);
      throw error;
    } finally {
      this.durations.observe({ operation: 'list', outcome }, waitedMs / 1000);
      await listed.return?.();
    }
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#timed('delete', signal, () => this.inner.delete(keys, signal));
  }

  readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    return this.#timed('read_cell', signal, () => this.inner.readCell(key, signal));
  }

  swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#timed('swap_cell', signal, () =>
      this.inner.swapCell(key, value, expectedVersion, signal),
    );
  }

  async #timed<T>(
    operation: Operation,
    signal: AbortSignal | undefined,
    ask: () => Promise<T>,
  ): Promise<T> {
    const began = performance.now();
    let outcome: Outcome = 'ok';
    try {
      return await ask();
    } catch (error) {
      outcome = outcomeOf(error, signal);
      throw error;
    } finally {
      this.durations.observe({ operation, outcome }, (performance.now() - began) / 1000);
    }
  }
}

function outcomeOf(error: unknown, signal: AbortSignal | undefined): Outcome {
  if (signal?.aborted) return 'given_up';
  if (!(error instanceof HoldfastError)) return 'failed';
  if (error.code === 'CELL_CONFLICT') return 'conflict';
  return error.code === 'STORE_UNREACHABLE' ? 'unreachable' : 'failed';
}
