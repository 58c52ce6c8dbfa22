import { HoldfastError } from '../../errors.js';
import type { SavedSnapshot } from '../../snapshot/session-writer.js';

/**
 * Why a save was made: the client was `ready`, something had `changed`, or the browser had
 * `closed`.
 */
export type SaveReason = 'ready' | 'changed' | 'closed';

export interface SaveLoopOptions {
  /** How far the store may be behind, in milliseconds. */
  intervalMs: number;
  /** Null when there is nothing new. */
  save(): Promise<SavedSnapshot | null>;
  onSaved(saved: SavedSnapshot | null, reason: SaveReason): void;
  /** @param nextTryMs null when there is none */
  onFailed(error: unknown, nextTryMs: number | null): void;
}

/** Between a save and the next, however long they take: the browser needs the machine as well. */
const LEAST_PAUSE_MS = 100;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

/**
 * Saves again and again while a browser runs: from the beginning of one save to that of the next
 * passes the interval, or longer if a save takes longer; never two at once. One that fails is tried
 * again with growing pauses.
 */
export class SaveLoop {
  readonly #options: SaveLoopOptions;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | null = null;
  #isStopped = false;
  #failures = 0;

  constructor(options: SaveLoopOptions) {
    this.#options = options;
  }

  /** Saves at once, and from then on. Once it runs, another call changes nothing. */
  start(): void {
    if (this.#saving === null && this.#timer === undefined) this.#run('ready');
  }

  /** Resolves when no save is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#saving;
  }

  /** After `stop()`: saves once more what there is, within some time. @returns whether it could */
  async finish(patienceMs: number): Promise<boolean> {
    await this.stop();
    const giveUpAt = performance.now() + patienceMs;
    for (let pause = FIRST_RETRY_MS; ; pause *= 2) {
      try {
        this.#options.onSaved(await this.#options.save(), 'closed');
        return true;
      } catch (error) {
        const isLasting = error instanceof HoldfastError && !error.transient;
        const isLast = isLasting || performance.now() + pause > giveUpAt;
        this.#options.onFailed(error, isLast ? null : pause);
        if (isLast) return false;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  #run(reason: SaveReason): void {
    this.#timer = undefined;
    const startedAt = performance.now();
    this.#saving = this.#save(reason).then((retryMs) => {
      this.#saving = null;
      if (this.#isStopped) return;
      const next = startedAt + this.#options.intervalMs - performance.now();
      const pauseMs = retryMs ?? Math.max(next, LEAST_PAUSE_MS);
      const nextReason = retryMs === null ? 'changed' : reason;
      this.#timer = setTimeout(() => this.#run(nextReason), pauseMs).unref();
    });
  }

  /** @returns when to try again what failed */
  async #save(reason: SaveReason): Promise<number | null> {
    try {
      const saved = await this.#options.save();
      this.#failures = 0;
      this.#options.onSaved(saved, reason);
      return null;
    } catch (error) {
      // Never later than the interval would have had it, nor all clients of a store at one moment.
      const growing = Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, LAST_RETRY_MS);
      const retryMs = Math.round(growing * (0.75 + Math.random() / 2));
      if (this.#isStopped) return null;
      this.#options.onFailed(error, retryMs);
      return retryMs;
    }
  }
}
