import type { FormerArchives } from '../former-archives.js';
import {
  type ByteRange,
  type Cell,
  type ListedObject,
  MAX_OBJECT_BYTES,
  type ObjectStore,
} from '../object-store.js';
import { LimitedArchives } from './limited-archives.js';
import { RequestBounds, timeForBytes } from './request-bounds.js';
import type { ResolvedRequestLimits } from './request-limits.js';
import { WrappedObjects } from './wrapped-objects.js';

/** A backend may delete one after another. */
const DELETION_MS = 200;

/**
 * Bounds each request in time, all of them in number, and their bytes per second. Cells go before
 * everything else and never wait for the bytes of packs: a lease is renewed by one.
 */
export class LimitedObjects extends WrappedObjects {
  readonly #bounds: RequestBounds;
  readonly #archives: FormerArchives | undefined;

  constructor(inner: ObjectStore, limits: ResolvedRequestLimits) {
    super(inner);
    this.#bounds = new RequestBounds(limits);
    const { formerArchives } = inner;
    this.#archives = formerArchives && new LimitedArchives(formerArchives, this.#bounds);
  }

  override get formerArchives(): FormerArchives | undefined {
    return this.#archives;
  }

  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    const most = range === undefined ? MAX_OBJECT_BYTES : range.end - range.start;
    const extraMs = timeForBytes(Math.min(most, MAX_OBJECT_BYTES));
    const request = { what: `reading ${key}`, extraMs, signal };
    const found = await this.#bounds.bulk(request, (ended) => this.inner.get(key, range, ended));
    this.#bounds.addFetched(found?.length ?? 0);
    return found;
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const sentBytes = bytes.length;
    const extraMs = timeForBytes(sentBytes);
    const request = { what: `writing ${key}`, extraMs, sentBytes, signal };
    return this.#bounds.bulk(request, (ended) => this.inner.put(key, bytes, ended));
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    const giveUp = new AbortController();
    const ended = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal;
    const listed = this.inner.list(prefix, ended)[Symbol.asyncIterator]();
    const request = { what: `listing ${prefix || 'everything'}`, extraMs: 0, signal };
    try {
      for (;;) {
        // Between two of them the caller may do other requests: no turn is held meanwhile.
        const next = await this.#bounds.bulk(request, () => listed.next());
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
    return this.#bounds.bulk(request, (ended) => this.inner.delete(keys, ended));
  }

  readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    const request = { what: `reading ${key}`, extraMs: 0, signal };
    return this.#bounds.hurried(request, (ended) => this.inner.readCell(key, ended));
  }

  swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    const request = { what: `changing ${key}`, extraMs: 0, signal };
    return this.#bounds.hurried(request, (ended) =>
      this.inner.swapCell(key, value, expectedVersion, ended),
    );
  }
}
