const STEPS = 4;

/**
 * The time from `CONNECTED` until the page is usable. What arrives meanwhile is stored at once
 * but shown at the end, so that a script that looks in before the end sees all of it.
 */
export class Sync {
  /** Percentage of what arrived while the page was away. */
  progress = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #held: (() => unknown)[] = [];

  constructor(
    private readonly durationMs: number,
    private readonly progressed: () => void,
  ) {}

  /** Calls `finished` when its time is over and `isCaughtUp`, whichever is later. */
  start(isCaughtUp: () => boolean, finished: () => void): void {
    this.progress = 0;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const next = this.progress + 100 / STEPS;
      if (next === 100 && !isCaughtUp()) return;
      this.progress = next;
      this.progressed();
      if (next === 100) finished();
    }, this.durationMs / STEPS);
  }

  /** Ends it, finished or not; returns what it has held back. */
  stop(): (() => unknown)[] {
    clearInterval(this.#timer);
    this.#timer = undefined;
    return this.#held.splice(0);
  }

  /** Keeps this for the end; false if no sync is going on. */
  hold(effect: () => unknown): boolean {
    if (this.#timer === undefined) return false;
    this.#held.push(effect);
    return true;
  }
}
