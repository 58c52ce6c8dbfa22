import { HoldfastError } from '../../errors.js';
import { mongoError } from './mongo-errors.js';
import type { MongoSource } from './mongo-source.js';
import type { MongoDatabase } from './mongo-types.js';

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

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#source.close?.();
  }
}

function closed(doing: string): HoldfastError {
  return new HoldfastError(
    'STORE_UNUSABLE',
    `Cannot ${doing}: this store has been closed. Make a new one.`,
  );
}
