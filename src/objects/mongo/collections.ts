import type { MongoCollection, MongoDatabase } from './mongo-types.js';

/**
 * A collection of a database whose settings are the user's own, with what we need in their place.
 *
 * @param waitMs how long a write waits for a majority
 */
export function openCollection(
  database: MongoDatabase,
  name: string,
  waitMs: number,
): MongoCollection {
  return database.collection(name, {
    readPreference: 'primary',
    writeConcern: { w: 'majority', wtimeoutMS: waitMs },
    raw: false,
    promoteBuffers: true,
    promoteLongs: true,
    promoteValues: true,
    useBigInt64: false,
  });
}
