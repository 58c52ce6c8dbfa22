import { HoldfastError } from '../../errors.js';
import {
  type ByteRange,
  type Cell,
  type ListedObject,
  MAX_OBJECT_BYTES,
  type ObjectStore,
} from '../object-store.js';
import { ByteRate } from './byte-rate.js';
import type { ResolvedRequestLimits } from './request-limits.js';
import { Turns } from './turns.js';
import { WrappedObjects } from './wrapped-objects.js';

/** What the slowest line that is put up with carries: 64 KiB per second. */
const LEAST_BYTES_PER_MS = 65.536;
/** A backend may delete one after another. */
const DELETION_MS = 200;

interface Request {
  /** For messages: `reading heads/RemoteAuth`. */
  what: string;
  /** What it may take beyond the time limit, for what it carries or does. */
  extraMs: number;
  /** What is fetched is counted when it is here. */
  sentBytes?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Bounds each request in time, all of them in number, and their bytes per second. Cells go before
 * everything else and never wait for the bytes of packs: a lease is renewed by one.
 */
export class LimitedObjects extends WrappedObjects {
  readonly #timeoutMs: number;
  readonly #turns: Turns;
  readonly #rate: ByteRate;

  constructor(inner: ObjectStore, { timeoutMs, atOnce, bytesPerSecond }: ResolvedRequestLimits) {
    super(inner);
    this.#timeoutMs = timeoutMs;
    this.#turns = new Turns(atOnce);
    this.#rate = new ByteRate(bytesPerSecond);
  }

  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    const most = range === undefined ? MAX_OBJECT_BYTES : range.end - range.start;
    const extraMs = Math.min(most, MAX_OBJECT_BYTES) / LEAST_BYTES_PER_MS;
    const request = { what: `reading ${key}`, extraMs, signal };
    const found = await this.#bulk(request, (ended) => this.inner.get(key, range, ended));
    this.#rate.add(found?.length ?? 0);
    return found;
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const sentBytes = bytes.length;
    const extraMs = sentBytes / LEAST_BYTES_PER_MS;
    const request = { what: `writing ${key}`, extraMs, sentBytes, signal };
    return this.#bulk(request, (ended) => this.inner.put(key, bytes, ended));
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    const giveUp = new AbortController();
    const ended = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal;
    const listed = this.inner.list(prefix, ended)[Symbol.asyncIterator]();
    const request = { what: `listing ${prefix || 'everything'}`, extraMs: 0, signal };
    try {
      for (;;) {
        // Between two of them the caller may do other requests: no turn is held meanwhile.
        const next = await this.#bulk(request, () => listed.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      giveUp.abort();
      await listed.return?.().catch(() => undefined);
    }
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    const extraMs = keys.length * DELETION_MS;
    const request = { what: `deleting ${keys.length} objects`, extraMs, signal };
    return this.#bulk(request, (ended) => this.inner.delete(keys, ended));
  }

  readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    const request = { what: `reading ${key}`, extraMs: 0, signal };
    return this.#hurried(request, (ended) => this.inner.readCell(key, ended));
  }

  swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    const request = { what: `changing ${key}`, extraMs: 0, signal };
    return this.#hurried(request, (ended) =>
      this.inner.swapCell(key, value, expectedVersion, ended),
    );
  }

  #bulk<T>(request: Request, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    return this.#turns.run(false, async () => {
      await this.#rate.take(request.sentBytes ?? 0, request.signal);
      return this.#inTime(request, work);
    });
  }

  #hurried<T>(request: Request, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    return this.#turns.run(true, () => this.#inTime(request, work));
  }

  async #inTime<T>(request: Request, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    request.signal?.throwIfAborted();
    const giveUp = new AbortController();
    const limitMs = this.#timeoutMs + request.extraMs;
    const timer = setTimeout(() => giveUp.abort(unanswered(request.what, limitMs)), limitMs);
    const ended = request.signal ? AbortSignal.any([request.signal, giveUp.signal]) : giveUp.signal;
    try {
      return await Promise.race([work(ended), untilAborted(ended)]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function unanswered(what: string, limitMs: number): HoldfastError {
  return new HoldfastError(
    'STORE_UNREACHABLE',
    `The store has not answered within ${Math.round(limitMs / 1000)} s, ${what}.`,
    { transient: true },
  );
}
