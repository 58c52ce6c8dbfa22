import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient7 } from 'mongodb-7';
import { Mongoose } from 'mongoose';
import { onTestFinished } from 'vitest';
import { MongoStore, type MongoStoreOptions } from '../../../src/mongo.js';
import { useService } from '../../services/services.js';

// Its types declare a module of the name `mongoose`, which the other major has taken.
export const { Mongoose: Mongoose9 } = createRequire(import.meta.url)('mongoose-9') as {
  Mongoose: typeof Mongoose;
};

/** A database's name that no other test, or run of the tests, uses. */
export function uniqueName(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}

/** The service's connection string, for a database of it. */
export async function uriOf(database: string): Promise<string> {
  const uri = new URL((await useService('mongo')).uri);
  uri.pathname = `/${database}`;
  // jongodb ends a heartbeat that goes on by itself, and the driver then its connections.
  uri.searchParams.set('serverMonitoringMode', 'poll');
  return uri.href;
}

/** A database of its own, until the test is over. */
export async function openDatabase(name = uniqueName()) {
  const client = new MongoClient(await uriOf(name));
  onTestFinished(() => client.close());
  return client.db();
}

export interface OpenedMongo {
  store: MongoStore;
  /** The database's name. */
  database: string;
  /** Ends the connection to the server, so that it cannot be asked. */
  disconnect(): Promise<unknown>;
  dispose(): Promise<unknown>;
}

type Options = Omit<MongoStoreOptions, 'mongoose' | 'db' | 'uri'>;

/** The ways to say which MongoDB. */
export const ways: Record<string, (database: string, options?: Options) => Promise<OpenedMongo>> = {
  'mongoose 8': async (database, options) => {
    const mongoose = new Mongoose();
    await mongoose.connect(await uriOf(database));
    const store = new MongoStore({ mongoose, ...options });
    return opened(store, database, () => mongoose.disconnect());
  },
  'mongoose 9': async (database, options) => {
    const mongoose = new Mongoose9();
    await mongoose.connect(await uriOf(database));
    const store = new MongoStore({ mongoose, ...options });
    return opened(store, database, () => mongoose.disconnect());
  },
  'a connection of mongoose 8': async (database, options) => {
    const connection = new Mongoose().createConnection(await uriOf(database));
    const store = new MongoStore({ mongoose: connection, ...options });
    return opened(store, database, () => connection.close());
  },
  'a db of driver 6': async (database, options) => {
    const client = new MongoClient(await uriOf(database));
    const store = new MongoStore({ db: client.db(), ...options });
    return opened(store, database, () => client.close());
  },
  'a db of driver 7': async (database, options) => {
    const client = new MongoClient7(await uriOf(database));
    const store = new MongoStore({ db: client.db(), ...options });
    return opened(store, database, () => client.close());
  },
  'a uri': async (database, options) => {
    const store = new MongoStore({ uri: await uriOf(database), ...options });
    return opened(store, database, () => store.close());
  },
};

function opened(
  store: MongoStore,
  database: string,
  disconnect: () => Promise<unknown>,
): OpenedMongo {
  return { store, database, disconnect, dispose: () => store.close().then(disconnect) };
}
