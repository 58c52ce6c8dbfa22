import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import type { ResolvedRequestLimits } from './request-limits.js';

const FIRST_PAUSE_MS = 100;
const GROWTH = 4;
/** No attempt begins later than so many times the time limit after the first. */
const BEGIN_WITHIN = 1.5;

export type PatienceLimits = Pick<ResolvedRequestLimits, 'attempts' | 'timeoutMs'>;

/** How often and how long one request is tried again, after pauses that grow and differ. */
export class Patience {
  readonly #lastBeginAt: number;
  #attempts: number;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(
    { attempts, timeoutMs }: PatienceLimits,
    private readonly signal: AbortSignal | undefined,
    private readonly mayPass: (error: unknown) => boolean = isTransient,
  ) {
    this.#attempts = attempts;
    this.#lastBeginAt = performance.now() + BEGIN_WITHIN * timeoutMs;
  }

  /** @throws the error, when it is not to be tried again */
  async pauseAfter(error: unknown): Promise<void> {
    this.#attempts -= 1;
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2);
    const isOver = this.#attempts === 0 || performance.now() + pauseMs > this.#lastBeginAt;
    if (isOver || this.signal?.aborted || !this.mayPass(error)) throw error;
    this.#pauseMs *= GROWTH;
    await sleep(pauseMs, undefined, this.signal && { signal: this.signal });
  }
}

/**
 * Does what does no harm when it is done again, until it succeeds or patience ends.
 *
 * @param mayPass whether to do it again after an error. Default: when the error says so
 */
export async function repeat<T>(
  limits: PatienceLimits,
  request: () => Promise<T>,
  signal?: AbortSignal,
  mayPass?: (error: unknown) => boolean,
): Promise<T> {
  const patience = new Patience(limits, signal, mayPass);
  for (;;) {
    try {
      return await request();
    } catch (error) {
      await patience.pauseAfter(error);
    }
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof HoldfastError && error.transient && !isConflict(error);
}

export function isConflict(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'CELL_CONFLICT';
}
