import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, Delivery, News } from './delivery.js';
import { DeliveryLog } from './delivery-log.js';
import { TRIES } from './pauses.js';

const MOST_WAITING = 100;

export interface HookQueueOptions {
  send(news: News, signal: AbortSignal): Promise<Attempt>;
  pauseMs(tries: number): number;
  onFailed(news: News, last: Attempt): void;
  /** @param dropped how many, since the receiver last kept up */
  onDropped(dropped: number): void;
}

/** What one receiver is still to be told: one after the other, in order, and not without bound. */
export class HookQueue {
  readonly #options: HookQueueOptions;
  readonly #log = new DeliveryLog();
  readonly #waiting: News[] = [];
  readonly #ended = new AbortController();
  /** Ends pauses: each of the rest is tried once more. */
  readonly #hurry = new AbortController();
  #working: Promise<void> | null = null;
  #dropped = 0;

  constructor(options: HookQueueOptions) {
    this.#options = options;
  }

  /** Newest first. */
  get deliveries(): Delivery[] {
    return this.#log.all;
  }

  get waiting(): number {
    return this.#waiting.length + (this.#working === null ? 0 : 1);
  }

  push(news: News): void {
    if (this.#hurry.signal.aborted) return;
    this.#log.begin(news);
    this.#waiting.push(news);
    if (this.#waiting.length > MOST_WAITING) this.#dropOldest();
    this.#working ??= this.#work();
  }

  /** Takes no more. Resolves when what there is has been tried once more. */
  async drain(): Promise<void> {
    this.#hurry.abort();
    await this.#working;
  }

  /** At once. */
  end(): void {
    this.#hurry.abort();
    this.#ended.abort();
  }

  async #work(): Promise<void> {
    for (;;) {
      const news = this.#waiting.shift();
      if (news === undefined || this.#ended.signal.aborted) break;
      await this.#deliver(news);
    }
    // Before anybody else can run: what comes from now on begins anew.
    this.#working = null;
    this.#dropped = 0;
  }

  async #deliver(news: News): Promise<void> {
    for (let tries = 1; ; tries++) {
      const attempt = await this.#options.send(news, this.#ended.signal);
      this.#log.add(news.id, attempt);
      if (attempt.error === null) return this.#log.end(news.id, 'delivered');
      if (this.#ended.signal.aborted) return this.#log.end(news.id, 'failed');
      if (tries === TRIES || this.#hurry.signal.aborted) {
        this.#log.end(news.id, 'failed');
        return this.#options.onFailed(news, attempt);
      }
      const pause = this.#options.pauseMs(tries);
      await sleep(pause, undefined, { signal: this.#hurry.signal }).catch(() => undefined);
    }
  }

  #dropOldest(): void {
    const news = this.#waiting.shift();
    if (news === undefined) return;
    const error = 'Too much was waiting for this receiver: it was not sent.';
    const at = new Date().toISOString();
    this.#log.add(news.id, { at, status: null, error, durationMs: 0 });
    this.#log.end(news.id, 'failed');
    this.#dropped += 1;
    this.#options.onDropped(this.#dropped);
  }
}
