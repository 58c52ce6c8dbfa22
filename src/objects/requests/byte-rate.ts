import { setTimeout as sleep } from 'node:timers/promises';

/** Spreads bytes over time: on average, so many a second. */
export class ByteRate {
  readonly #perMs: number;
  /** When all that was taken so far is paid for. */
  #paidAt = 0;

  constructor(bytesPerSecond: number) {
    this.#perMs = bytesPerSecond / 1000;
  }

  /** Resolves when what was taken before is paid for; the next one waits for these bytes. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const startsAt = Math.max(now, this.#paidAt);
    this.#paidAt = startsAt + bytes / this.#perMs;
    if (startsAt > now) await sleep(startsAt - now, undefined, signal && { signal });
  }

  /** For bytes whose number is known only afterwards. */
  add(bytes: number): void {
    this.#paidAt = Math.max(performance.now(), this.#paidAt) + bytes / this.#perMs;
  }
}
