import { ApiError } from '../api-error.js';
import { RateLimit } from './rate-limit.js';

/** Ten at once, then one every half minute. */
const OF_ONE_ADDRESS = { burst: 10, perSecond: 1 / 30 };
const OF_ALL = { burst: 100, perSecond: 1 };

/** How often somebody may show a token that is wrong. */
export class LoginLimit {
  readonly #ofAddress = new RateLimit(OF_ONE_ADDRESS);
  readonly #ofAll: RateLimit | null;

  /** @param options.alsoOfAll whether those of all addresses together are bounded too */
  constructor({ alsoOfAll }: { alsoOfAll: boolean }) {
    this.#ofAll = alsoOfAll ? new RateLimit(OF_ALL) : null;
  }

  /** Before a token is looked at. @throws {ApiError} TOO_MANY_REQUESTS */
  check(address: string): void {
    const wait = Math.max(this.#ofAddress.peek(address), this.#ofAll?.peek('') ?? 0);
    if (wait === 0) return;
    throw new ApiError(429, 'TOO_MANY_REQUESTS', `Too many wrong tokens. Wait ${wait} s.`, {
      retryAfterS: wait,
    });
  }

  noteFailure(address: string): void {
    this.#ofAddress.take(address);
    this.#ofAll?.take('');
  }
}
