import { setTimeout as sleep } from 'node:timers/promises';

/** Together with the pauses about a second: longer than a compaction or a virus scanner takes. */
export const TRIES = 20;
const LONGEST_PAUSE_MS = 50;

export async function pauseAfter(attempt: number): Promise<void> {
  await sleep(Math.min(LONGEST_PAUSE_MS, 2 * attempt));
}

/** Tries again while `passes` says of the error that it may pass; rejects with the last one. */
export async function retryWhile<T>(
  passes: (error: unknown) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!passes(error) || tries === TRIES) throw error;
      await pauseAfter(tries);
    }
  }
}
