import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient7 } from 'mongodb-7';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handedDatabase } from '../../src/objects/mongo/mongo-source.js';
import type { MongoCollection, MongoDatabase } from '../../src/objects/mongo/mongo-types.js';
import {
  bytesOf,
  fieldsFor,
  type ObjectDocument,
  objectDocument,
} from '../../src/objects/mongo/object-documents.js';
import { MongoObjects } from '../../src/objects/mongo-objects.js';
import { openDatabase, uniqueName, uriOf } from './support/mongo.js';

describe('the document of an object', () => {
  const bytes = randomBytes(1_500_000);
  const document = objectDocument('a', bytes);

  /** What a server gives of it that keeps to projections. */
  const projected = (fields: object): ObjectDocument => {
    const kept = Object.entries(document).filter(([name]) => name === '_id' || name in fields);
    return Object.fromEntries(kept) as unknown as ObjectDocument;
  };

  it.each([
    [0, 1_500_000],
    [0, 1],
    [262_143, 262_145],
    [262_144, 524_288],
    [700_000, 1_499_999],
    [1_499_999, 9_000_000],
    [1_500_000, 1_500_001],
    [5, 5],
    [0, Number.MAX_SAFE_INTEGER],
  ])('gives the range %i to %i from the fields for it', (start, end) => {
    const range = { start, end };
    const got = bytesOf(projected(fieldsFor(range)), range);
    expect(Buffer.compare(got, bytes.subarray(start, end))).toBe(0);
  });

  it('has no more fields for a range than it lies in', () => {
    expect(fieldsFor({ start: 300_000, end: 600_000 })).toEqual({ size: 1, part1: 1, part2: 1 });
    expect(fieldsFor({ start: 0, end: 0 })).toEqual({ size: 1 });
  });

  it('that somebody has damaged reads as one that is cut off', () => {
    const { part2: _, ...damaged } = document;
    expect(bytesOf(damaged as ObjectDocument)).toEqual(bytes.subarray(0, 2 * 262_144));
    const short = { ...document, part0: bytes.subarray(0, 10) };
    expect(bytesOf(short)).toHaveLength(0);
  });
});

/** A database that passes everything on, and is told of it. */
function watched(
  database: MongoDatabase,
  onCall: (name: string, options: object, collection: string) => void,
  instead: Partial<MongoCollection> = {},
): MongoDatabase {
  return {
    databaseName: database.databaseName,
    listCollections: (...args) => database.listCollections(...args),
    collection: (name, settings) => {
      const real = database.collection(name, settings);
      onCall('collection', settings ?? {}, name);
      return {
        insertOne: (document, options) => real.insertOne(document, options),
        updateOne: (filter, update, options) => real.updateOne(filter, update, options),
        find: (filter, options) => {
          onCall('find', options ?? {}, name);
          return real.find(filter, options);
        },
        findOne: (filter, options) => {
          onCall('findOne', options ?? {}, name);
          return real.findOne(filter, options);
        },
        deleteMany: (filter, options) => real.deleteMany(filter, options),
        drop: () => real.drop(),
        ...instead,
      };
    },
  };
}

describe('MongoObjects', () => {
  it('reads cells as strictly as the server can, of the primary, once a majority has them', async () => {
    const calls: [string, object, string][] = [];
    const database = watched(await openDatabase(), (...call) => calls.push(call));
    const objects = new MongoObjects(handedDatabase(database));
    await objects.swapCell('cell', Buffer.from('x'), null);
    await objects.readCell('cell');
    await objects.readCell('cell');
    await objects.get('object', { start: 0, end: 3 });
    const settings = calls.filter(([name]) => name === 'collection').map(([, given]) => given);
    expect(settings.length).toBeGreaterThan(3);
    for (const each of settings) {
      expect(each).toMatchObject({
        readPreference: 'primary',
        writeConcern: { w: 'majority', wtimeoutMS: 8000 },
      });
    }
    const levels = calls
      .filter(([name, , collection]) => name === 'findOne' && collection === 'holdfast_cells')
      .map(([, options]) => (options as { readConcern?: { level: string } }).readConcern?.level);
    expect(levels[0]).toBe('linearizable');
    // The stand-in has no such thing; asked once, it is asked at the next.
    expect(new Set(levels.slice(1)).size).toBe(1);
    const [, ofObject] = calls.findLast(([name]) => name === 'findOne') ?? [];
    expect(ofObject).toMatchObject({
      readConcern: { level: 'majority' },
      projection: { size: 1, part0: 1 },
    });
  });

  it.each([
    ['6', MongoClient],
    ['7', MongoClient7 as unknown as typeof MongoClient],
  ])('is sent by driver %s as it is meant', async (_, Client) => {
    const uri = await uriOf(uniqueName());
    const client = new Client(uri, { monitorCommands: true });
    onTestFinished(() => client.close());
    const database = client.db(undefined, { readPreference: 'nearest', writeConcern: { w: 1 } });
    const sent: Record<string, Record<string, unknown>> = {};
    client.on('commandStarted', ({ commandName, command }) => {
      const { level } = command.readConcern ?? {};
      sent[[commandName, level].filter(Boolean).join(' ')] ??= command;
    });
    const objects = new MongoObjects(handedDatabase(database), { timeoutMs: 5000 });
    await objects.put('object', Buffer.from('x'));
    await objects.get('object');
    await objects.swapCell('cell', Buffer.from('x'), null).then(async (version) => {
      await objects.readCell('cell');
      await objects.swapCell('cell', Buffer.from('y'), version);
    });
    await objects.delete(['object']);
    const writeConcern = { w: 'majority', wtimeout: 4000 };
    for (const name of ['insert', 'update', 'delete']) {
      expect(sent[name]).toMatchObject({ writeConcern });
    }
    expect(sent['find linearizable']).toMatchObject({
      find: 'holdfast_cells',
      filter: { _id: 'cell' },
      maxTimeMS: 4000,
    });
    expect(sent['find majority']).toMatchObject({ find: 'holdfast_objects' });
    const { $readPreference: asked = { mode: 'primary' } } = sent['find majority'] ?? {};
    expect(asked).toEqual({ mode: 'primary' });
  });

  it('asks for the keys alone when it lists', async () => {
    const projections: unknown[] = [];
    const database = watched(await openDatabase(), (name, options) => {
      if (name === 'find') projections.push(options);
    });
    const objects = new MongoObjects(handedDatabase(database));
    for await (const _ of objects.list('a')) throw new Error('nothing is there');
    expect(projections).toHaveLength(2);
    for (const each of projections) {
      expect(each).toMatchObject({ projection: { size: 1 }, sort: { _id: 1 }, limit: 1000 });
    }
  });

  it("reads what it has written whatever the database's own settings are", async () => {
    const { client, databaseName } = await openDatabase();
    const settings = { useBigInt64: true, promoteBuffers: false };
    const odd = client.db(databaseName, { ...settings, writeConcern: { w: 0 } });
    const objects = new MongoObjects(handedDatabase(odd));
    const bytes = randomBytes(600_000);
    await objects.put('object', bytes);
    expect(Buffer.compare((await objects.get('object')) ?? Buffer.alloc(0), bytes)).toBe(0);
    const version = await objects.swapCell('cell', bytes.subarray(0, 9), null);
    expect(await objects.readCell('cell')).toEqual({ version, value: bytes.subarray(0, 9) });
    const sizes = [];
    for await (const { size } of objects.list('')) sizes.push(size);
    expect(sizes).toEqual([9, 600_000]);
  });

  it('says that an object is not there yet when only a minority has it', async () => {
    const duplicate = Object.assign(new Error('E11000'), { code: 11000 });
    const database = watched(await openDatabase(), () => undefined, {
      insertOne: () => Promise.reject(duplicate),
    });
    const objects = new MongoObjects(handedDatabase(database));
    await expect(objects.put('a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      transient: true,
    });
  });

  it('knows a swap again that the driver has repeated on a server that does not', async () => {
    const database = await openDatabase();
    const twice = watched(database, () => undefined, {
      async insertOne(document: object) {
        const cells = database.collection('holdfast_cells');
        await cells.insertOne(document);
        return cells.insertOne(document);
      },
      async updateOne(filter: object, update: object) {
        const cells = database.collection('holdfast_cells');
        await cells.updateOne(filter, update);
        return cells.updateOne(filter, update);
      },
    });
    const objects = new MongoObjects(handedDatabase(twice));
    const first = await objects.swapCell('cell', Buffer.from('a'), null);
    const second = await objects.swapCell('cell', Buffer.from('b'), first);
    expect(await objects.readCell('cell')).toEqual({ version: second, value: Buffer.from('b') });
    await expect(objects.swapCell('cell', Buffer.from('c'), first)).rejects.toMatchObject({
      code: 'CELL_CONFLICT',
    });
  });

  it('does nothing after all that was given up while it waited for the connection', async () => {
    const database = await openDatabase();
    let connect: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => {
      connect = resolve;
    });
    const objects = new MongoObjects({
      database: () => connected.then(() => database),
      redact: (text) => text,
    });
    const giveUp = new AbortController();
    const put = objects.put('a', Buffer.from('x'), giveUp.signal);
    giveUp.abort(new Error('given up'));
    connect();
    await expect(put).rejects.toThrow('given up');
    expect(await database.collection('holdfast_objects').findOne({})).toBe(null);
  });
});
