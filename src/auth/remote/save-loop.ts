import { HoldfastError } from '../../errors.js';
import type { SavedSnapshot } from '../../snapshot/session-writer.js';
import { withinTime } from '../../system/within-time.js';

/**
 * Why a save was made: the client was `ready`, something had `changed`, or the browser had
 * `closed`.
 */
export type SaveReason = 'ready' | 'changed' | 'closed';

export interface SaveLoopOptions {
  /** How far the store may be behind, in milliseconds. */
  intervalMs: number;
  /** Null when there is nothing new. */
  save(reason: SaveReason): Promise<SavedSnapshot | null>;
  onSaved(saved: SavedSnapshot | null, reason: SaveReason): void;
  /** @param nextTryMs null when there is none */
  onFailed(error: unknown, nextTryMs: number | null): void;
}

/** Between a save and the next, however long they take: the browser needs the machine as well. */
const LEAST_PAUSE_MS = 100;
/** A large last save over a slow line takes its time; but whoever ends a process does not wait longer. */
const HUNG_AFTER_MS = 60_000;
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

  /**
   * Ends with a save of what there is, which is tried again for `patienceMs`; a store that never
   * answers is not waited for.
   */
  async finish(patienceMs: number): Promise<void> {
    const finished = this.stop()
      .then(() => this.#saveLast(patienceMs))
      .then(() => true);
    if (await withinTime(HUNG_AFTER_MS, finished)) return;
    const seconds = HUNG_AFTER_MS / 1000;
    this.#options.onFailed(
      new HoldfastError('STORE_UNREACHABLE', `The store has not answered for ${seconds} s.`, {
        transient: true,
      }),
      null,
    );
  }

  async #saveLast(patienceMs: number): Promise<void> {
    const giveUpAt = performance.now() + patienceMs;
    for (let pause = FIRST_RETRY_MS; ; pause *= 2) {
      try {
        this.#options.onSaved(await this.#options.save('closed'), 'closed');
        return;
      } catch (error) {
        const isLasting = error instanceof HoldfastError && !error.transient;
        const isLast = isLasting || performance.now() + pause > giveUpAt;
        this.#options.onFailed(error, isLast ? null : pause);
        if (isLast) return;
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
      const saved = await this.#options.save(reason);
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
