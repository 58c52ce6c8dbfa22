import { availableParallelism } from 'node:os';
import { Turns } from '../../objects/requests/turns.js';
import { withinTime } from '../../system/within-time.js';

const STARTS_PER_CORE = 2;
/** A start that takes longer does not keep the others waiting. */
const TURN_MS = 60_000;

/** Browsers that start all at once are all slow: a few at a time. */
export class StartTurns {
  readonly #turns = new Turns(STARTS_PER_CORE * availableParallelism());

  run(start: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#turns.run(false, async () => {
        const started = start();
        started.then(resolve, reject);
        await withinTime(TURN_MS, started).catch(() => undefined);
      });
    });
  }
}
