import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import { mongoError } from './mongo-errors.js';
import type { MongoSource } from './mongo-source.js';
import type { MongoDatabase } from './mongo-types.js';

const ATTEMPTS = 4;
const ATTEMPT_MS = 60_000;
const PAUSE_MS = 250;

/** Asks the database, and says in our words what went wrong. */
export class MongoRequests {
  readonly #source: MongoSource;
  #isClosed = false;

  constructor(source: MongoSource) {
    this.#source = source;
  }

  /**
   * @param doing for messages: `read heads/RemoteAuth`
   * @throws {HoldfastError} STORE_UNREACHABLE, STORE_UNUSABLE, STORE_FULL
   */
  async ask<T>(
    doing: string,
    signal: AbortSignal | undefined,
    work: (database: MongoDatabase) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) throw closed(doing);
    let where = 'in MongoDB';
    try {
      const database = await this.#source.database();
      // What was given up while it waited for the connection must not be done after all.
      signal?.throwIfAborted();
      if (this.#isClosed) throw closed(doing);
      where = `in the MongoDB database "${database.databaseName}"`;
      return await work(database);
    } catch (error) {
      signal?.throwIfAborted();
      if (this.#isClosed) throw closed(doing);
      throw mongoError(`Cannot ${doing} ${where}`, error, this.#source.redact);
    }
  }

  /** For requests that nothing else bounds and repeats. They must do no harm when repeated. */
  async askPatiently<T>(
    doing: string,
    work: (database: MongoDatabase, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await withinTime(doing, (signal) =>
          this.ask(doing, signal, (database) => work(database, signal)),
        );
      } catch (error) {
        const isPassing = error instanceof HoldfastError && error.transient;
        if (!isPassing || attempt === ATTEMPTS) throw error;
        await sleep(PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2));
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#source.close?.();
  }
}

async function withinTime<T>(doing: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new HoldfastError(
        'STORE_UNREACHABLE',
        `Cannot ${doing}: the store has not answered within ${ATTEMPT_MS / 1000} s.`,
        { transient: true },
      );
      giveUp.abort(error);
      reject(error);
    }, ATTEMPT_MS);
  });
  try {
    return await Promise.race([work(giveUp.signal), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function closed(doing: string): HoldfastError {
  return new HoldfastError(
    'STORE_UNUSABLE',
    `Cannot ${doing}: this store has been closed. Make a new one.`,
  );
}
