import { HoldfastError } from '../../errors.js';
import { withoutCredentials } from './credentials.js';
import type { MongoDatabase, Mongoose, MongooseConnection } from './mongo-types.js';

/** Where the database comes from. */
export interface MongoSource {
  /** The database, once it can be asked; a failure is the driver's or mongoose's own error. */
  database(): Promise<MongoDatabase>;
  /** A text that may come from the driver, without the passwords in it. */
  redact(text: string): string;
  /** Ends what the source has opened itself. */
  close?(): Promise<void>;
}

/** A database that the user has opened. */
export function handedDatabase(database: MongoDatabase): MongoSource {
  return { database: async () => database, redact: withoutCredentials };
}

const CONNECTING = 2;

/** The database of a mongoose that the user connects, also later. */
export function databaseOfMongoose(mongoose: Mongoose | MongooseConnection): MongoSource {
  return {
    redact: withoutCredentials,
    database: async () => {
      const connection = 'connection' in mongoose ? mongoose.connection : mongoose;
      // A connection that was lost keeps its database: its driver connects again by itself. Asked
      // for directly, the database does not wait in mongoose's buffer either.
      const isOpening = connection.readyState === CONNECTING || !connection.db;
      // It also tells why a connection failed that was to be opened before.
      if (isOpening) await connection.asPromise();
      if (connection.db) return connection.db;
      throw new HoldfastError(
        'STORE_UNREACHABLE',
        'mongoose is not connected: call `await mongoose.connect(uri)` first, or give the store the ' +
          'connection that `mongoose.createConnection(uri)` gives.',
        { transient: true },
      );
    },
  };
}
