import { setTimeout as sleep } from 'node:timers/promises';
import { type S3Place, s3Error } from './s3-errors.js';

const ATTEMPTS = 4;
const PAUSE_MS = 100;

/**
 * For requests of a backend's own, which nothing before it bounds and repeats.
 *
 * @param doing what is tried, for messages
 */
export async function repeat<T>(
  place: S3Place,
  doing: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(AbortSignal.timeout(timeoutMs));
    } catch (cause) {
      const error = s3Error(place, doing, cause);
      if (attempt === ATTEMPTS || error.code !== 'STORE_UNREACHABLE') throw cause;
      await sleep(PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2));
    }
  }
}
