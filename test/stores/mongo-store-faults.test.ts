import { MongoClient } from 'mongodb';
import { afterAll } from 'vitest';
import { MongoStore } from '../../src/mongo.js';
import { Mongoose9, uniqueName, uriOf } from '../objects/support/mongo.js';
import { describeConnectionFaults } from './support/connection-faults.js';

const database = uniqueName();
afterAll(async () => {
  const client = new MongoClient(await uriOf(database));
  await client
    .db()
    .dropDatabase()
    .catch(() => undefined);
  await client.close();
});

const url = () => uriOf(database);
/** A command's text, and the collection's name in it, stand in its bytes as they are. */
const isSwap = (data: Buffer) => /(insert|update).{5}holdfast_cells/s.test(data.toString('latin1'));
/** Of the user's own client. The driver repeats nothing, so that what we do is seen. */
const settings = { serverSelectionTimeoutMS: 1000, heartbeatFrequencyMS: 500, retryWrites: false };

describeConnectionFaults('MongoStore with a uri', {
  url,
  isSwap,
  open: async (uri, requests) => ({
    store: new MongoStore({ uri, requests }),
    end: async () => undefined,
  }),
});

describeConnectionFaults('MongoStore with a db', {
  url,
  isSwap,
  open: async (uri, requests) => {
    const client = new MongoClient(uri, settings);
    return { store: new MongoStore({ db: client.db(), requests }), end: () => client.close() };
  },
});

describeConnectionFaults('MongoStore with mongoose', {
  url,
  isSwap,
  open: async (uri, requests) => {
    const mongoose = new Mongoose9();
    await mongoose.connect(uri, settings);
    return { store: new MongoStore({ mongoose, requests }), end: () => mongoose.disconnect() };
  },
});
