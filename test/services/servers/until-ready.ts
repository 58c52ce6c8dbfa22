import { setTimeout as sleep } from 'node:timers/promises';
import type { KeptProcess } from '../keeper/keeper.js';

const askEveryMs = 30;

/** The server's programs are here, but it does not run; the message has the end of its log. */
export class StartFailed extends Error {
  readonly isPortTaken: boolean;

  constructor(title: string, why: string, processes: KeptProcess[], cause?: unknown) {
    const words = processes.map((kept) => kept.lastWords()).join('\n');
    super(`${title} ${why}.\n${words}`, { cause });
    this.isPortTaken = /address (already )?in use/i.test(words);
  }
}

/** Asks a server until it answers. Throws when one of its processes ends, or after the deadline. */
export async function untilReady(
  title: string,
  processes: KeptProcess[],
  ask: () => Promise<unknown>,
  deadlineMs = 60_000,
): Promise<void> {
  const since = performance.now();
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      const ended = processes.find((kept) => kept.end !== undefined);
      if (ended !== undefined) {
        const why = `did not start: ${ended.name} ended with ${ended.end}`;
        throw new StartFailed(title, why, [ended], error);
      }
      if (performance.now() - since > deadlineMs) {
        const why = `did not answer within ${deadlineMs / 1_000} s: ${(error as Error).message}`;
        throw new StartFailed(title, why, processes, error);
      }
    }
    await sleep(askEveryMs);
  }
}
