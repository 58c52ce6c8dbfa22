import { type Check, checkOptions } from '../check-options.js';
import { HoldfastError } from '../errors.js';
import {
  databaseOfMongoose,
  handedDatabase,
  type MongoSource,
} from '../objects/mongo/mongo-source.js';
import type {
  MongoClientClass,
  MongoDatabase,
  Mongoose,
  MongooseConnection,
} from '../objects/mongo/mongo-types.js';
import { OpenedClient } from '../objects/mongo/opened-client.js';
import { MongoObjects } from '../objects/mongo-objects.js';
import { limitRequests } from '../objects/requests/limit-requests.js';
import { resolveRequestLimits } from '../objects/requests/request-limits.js';
import { BackedStore, REMOTE_STORE_CHECKS, type RemoteStoreOptions } from './backed-store.js';
import { loadClient } from './load-client.js';

/** Exactly one of `mongoose`, `db` and `uri` is needed. */
export interface MongoStoreOptions extends RemoteStoreOptions {
  /**
   * mongoose 8 or 9, or one of its connections. It need not be connected yet, but
   * `mongoose.connect(uri)` must have been called by the time of the first request.
   */
  mongoose?: Mongoose | MongooseConnection | undefined;
  /** A database of the driver `mongodb` 6 or 7: `client.db('bots')`. */
  db?: MongoDatabase | undefined;
  /**
   * A connection string: `mongodb://user:password@host/bots` or `mongodb+srv://…`. The store then
   * connects by itself at its first request, and until `close()`. This needs the package `mongodb`.
   */
  uri?: string | undefined;
}

const WAYS = ['mongoose', 'db', 'uri'] as const;

const CHECKS: Record<string, Check> = {
  ...REMOTE_STORE_CHECKS,
  mongoose: [isMongoose, 'mongoose or a connection of it'],
  db: [isDatabase, 'a database of the MongoDB driver: client.db("bots")'],
  uri: [isUri, 'a connection string: mongodb://… or mongodb+srv://…'],
};

/**
 * Keeps sessions in MongoDB: one document per object and cell, in the collections
 * `holdfast_objects` and `holdfast_cells`, whatever the number of sessions. The user needs the role
 * `readWrite` on the database. Several processes and machines may use one database at once.
 *
 * Sessions that wwebjs-mongo has kept in the same database are found there.
 *
 * @example
 * await mongoose.connect(process.env.MONGODB_URI);
 * const store = new MongoStore({ mongoose });
 *
 * @example
 * const store = new MongoStore({ uri: process.env.MONGODB_URI });
 */
export class MongoStore extends BackedStore {
  /** @throws {HoldfastError} INVALID_OPTION, INVALID_KEY */
  constructor(options: MongoStoreOptions) {
    checkOptions('MongoStore.', options, CHECKS);
    const { timeoutMs } = resolveRequestLimits(options.requests);
    const objects = new MongoObjects(sourceOf(options, timeoutMs), {
      timeoutMs,
      dataPath: options.dataPath,
    });
    super(limitRequests(objects, options.requests), options);
  }
}

function sourceOf(options: MongoStoreOptions, timeoutMs: number): MongoSource {
  const given = WAYS.filter((name) => options[name] !== undefined);
  const { mongoose, db, uri } = options;
  if (given.length === 1) {
    if (mongoose !== undefined) return databaseOfMongoose(mongoose);
    if (db !== undefined) return handedDatabase(db);
    if (uri !== undefined) return new OpenedClient(uri, timeoutMs, loadDriver);
  }
  const problem = given.length === 0 ? 'needs' : `has ${given.join(' and ')}, but needs only`;
  throw new HoldfastError(
    'INVALID_OPTION',
    `MongoStore ${problem} one of: new MongoStore({ mongoose }), new MongoStore({ db: ` +
      'client.db() }) or new MongoStore({ uri: "mongodb://…" }).',
  );
}

function loadDriver(): { MongoClient: MongoClientClass } {
  return loadClient('mongodb', 'new MongoStore({ uri })');
}

function isMongoose(value: unknown): boolean {
  const connection = has(value, 'connection') ? value.connection : value;
  return has(connection, 'asPromise') && typeof connection.asPromise === 'function';
}

function isDatabase(value: unknown): boolean {
  return has(value, 'collection') && has(value, 'databaseName');
}

function isUri(value: unknown): boolean {
  return typeof value === 'string' && /^mongodb(\+srv)?:\/\/./.test(value);
}

function has<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  // mongoose is a function to some of its loaders.
  return (
    (typeof value === 'object' || typeof value === 'function') && value !== null && name in value
  );
}
