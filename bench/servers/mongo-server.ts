import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { givenService } from '../../test/services/given.js';
import { startService } from '../../test/services/start-service.js';
import type { MongoPlace } from '../stores/store-place.js';
import type { Server } from './server.js';

export async function openMongoServer(): Promise<Server> {
  const { service, stop } = await startService('mongo');
  const { uri } = service;
  const databases: string[] = [];
  return {
    newPlace(): MongoPlace {
      const database = `bench-${randomBytes(6).toString('hex')}`;
      databases.push(database);
      return { kind: 'mongo', uri, database };
    },
    async close() {
      if (givenService('mongo')) await drop(uri, databases);
      await stop();
    },
  };
}

async function drop(uri: string, databases: readonly string[]): Promise<void> {
  const client = new MongoClient(uri);
  try {
    for (const database of databases) await client.db(database).dropDatabase();
  } finally {
    await client.close();
  }
}
