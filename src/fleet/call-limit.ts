import { HoldfastError } from '../errors.js';
import { withinTime } from '../system/within-time.js';

/**
 * A browser that hangs keeps nobody waiting for ever. What was asked for may still happen.
 *
 * @throws {HoldfastError} TIMED_OUT
 */
export async function limited<T>(what: string, limitMs: number, work: Promise<T>): Promise<T> {
  const done = await withinTime(
    limitMs,
    work.then((value) => ({ value })),
  );
  if (done !== undefined) return done.value;
  throw new HoldfastError(
    'TIMED_OUT',
    `${what} took longer than ${limitMs / 1000} s. It may still happen: look at the session before ` +
      'you try again.',
    { transient: true },
  );
}
