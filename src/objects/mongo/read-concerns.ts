import { isUnknownReadConcern } from './mongo-errors.js';

type Level = 'linearizable' | 'majority';

/** From the strongest to the weakest. */
const LEVELS: Level[] = ['linearizable', 'majority'];

/**
 * What a read may see. All reads ask the primary, all writes resolve once a majority has them.
 *
 * `linearizable` for cells: "allows multiple threads to perform reads and writes on a single
 * document as if a single thread performed these operations in real time". It is what makes a write
 * that resolved visible to all even while a former primary does not know yet that it is none, and
 * what tells for sure how a swap ended whose answer was lost. It holds for one document that is
 * found by its `_id`, and costs the primary a question to the others.
 *
 * `majority` for objects, which never change: nothing is seen that could be rolled back.
 *
 * A server that does not have a level (a standalone one has no `linearizable`, as it has no
 * others to ask) is asked at the next.
 *
 * @see https://www.mongodb.com/docs/manual/reference/read-concern-linearizable/
 */
export class ReadConcerns {
  readonly #refused = new Set<Level>();

  async read<T>(wanted: Level, ask: (options: object) => Promise<T>): Promise<T> {
    for (const level of LEVELS.slice(LEVELS.indexOf(wanted))) {
      if (this.#refused.has(level)) continue;
      try {
        return await ask({ readConcern: { level } });
      } catch (error) {
        if (!isUnknownReadConcern(error)) throw error;
        this.#refused.add(level);
      }
    }
    return ask({});
  }
}
