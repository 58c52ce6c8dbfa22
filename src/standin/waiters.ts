interface Waiter {
  isMet: () => boolean;
  settle: (error?: Error) => void;
  release: () => void;
}

export interface WaitOptions {
  /** Milliseconds, default 30,000; 0 waits for ever. */
  timeoutMs?: number;
}

/** Promises for "until this is true", looked at again at every {@link Waiters.changed}. */
export class Waiters {
  #waiting = new Set<Waiter>();

  until(what: string, isMet: () => boolean, options: WaitOptions = {}): Promise<void> {
    if (isMet()) return Promise.resolve();
    const timeoutMs = options.timeoutMs ?? 30_000;
    return new Promise((resolve, reject) => {
      const expire = () => waiter.settle(new Error(`stand-in: no ${what} in ${timeoutMs} ms`));
      const timer = timeoutMs > 0 ? setTimeout(expire, timeoutMs) : undefined;
      const waiter: Waiter = {
        isMet,
        release: () => clearTimeout(timer),
        settle: (error) => {
          waiter.release();
          this.#waiting.delete(waiter);
          if (error) reject(error);
          else resolve();
        },
      };
      this.#waiting.add(waiter);
    });
  }

  changed(): void {
    for (const waiter of [...this.#waiting]) if (waiter.isMet()) waiter.settle();
  }

  /** Nothing settles any more; what still waits is let go. */
  close(): void {
    for (const waiter of this.#waiting) waiter.release();
    this.#waiting.clear();
  }
}
