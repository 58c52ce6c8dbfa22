import { RecentKeys } from './recent-keys.js';

export interface Rate {
  /** So many at once. */
  burst: number;
  perSecond: number;
}

const MOST_KEYS = 10_000;

/** How often something may be done, for each key: a bucket that fills evenly. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #buckets: RecentKeys<{ left: number; at: number }>;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#buckets = new RecentKeys(MOST_KEYS, () => ({ left: rate.burst, at: performance.now() }));
  }

  /** @returns how many seconds to wait; 0: it may be done now */
  take(key: string): number {
    const wait = this.peek(key);
    if (wait === 0) this.#buckets.get(key).left -= 1;
    return wait;
  }

  /** As `take`, but nothing is taken. */
  peek(key: string): number {
    const bucket = this.#buckets.get(key);
    const now = performance.now();
    const { burst, perSecond } = this.#rate;
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    return bucket.left >= 1 ? 0 : Math.ceil((1 - bucket.left) / perSecond);
  }
}
