import { HoldfastError } from '../../errors.js';
import { ByteRate } from './byte-rate.js';
import type { ResolvedRequestLimits } from './request-limits.js';
import { Turns } from './turns.js';

/** What the slowest line that is put up with carries: 64 KiB per second. */
const LEAST_BYTES_PER_MS = 65.536;
/** What so many bytes may take beyond the time limit, in milliseconds. */
export function timeForBytes(bytes: number): number {
  return bytes / LEAST_BYTES_PER_MS;
}

export interface BoundedRequest {
  /** For messages: `reading heads/RemoteAuth`. */
  what: string;
  /** What it may take beyond the time limit, for what it carries or does. */
  extraMs: number;
  /** What is fetched is counted when it is here. */
  sentBytes?: number;
  signal?: AbortSignal | undefined;
}

/** Bounds requests to one store in time, in number, and their bytes per second. */
export class RequestBounds {
  readonly #timeoutMs: number;
  readonly #turns: Turns;
  readonly #rate: ByteRate;

  constructor({ timeoutMs, atOnce, bytesPerSecond }: ResolvedRequestLimits) {
    this.#timeoutMs = timeoutMs;
    this.#turns = new Turns(atOnce);
    this.#rate = new ByteRate(bytesPerSecond);
  }

  /** Bytes that have been fetched. */
  addFetched(bytes: number): void {
    this.#rate.add(bytes);
  }

  /** Of packs and lists. */
  bulk<T>(request: BoundedRequest, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    return this.#turns.run(false, async () => {
      await this.#rate.take(request.sentBytes ?? 0, request.signal);
      return this.#inTime(request, work);
    });
  }

  /** Before everything that waits, and without regard to bytes. */
  hurried<T>(request: BoundedRequest, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    return this.#turns.run(true, () => this.#inTime(request, work));
  }

  async #inTime<T>(request: BoundedRequest, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
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
