import { randomBytes } from 'node:crypto';
import { HoldfastError } from '../errors.js';
import { cellConflict } from './cell-conflict.js';
import type { FormerArchives } from './former-archives.js';
import { openCollection } from './mongo/collections.js';
import { FormerBuckets } from './mongo/former-buckets.js';
import { mergeLists, pagesOf, readPage } from './mongo/list-documents.js';
import { isDuplicateKey } from './mongo/mongo-errors.js';
import { MongoRequests } from './mongo/mongo-requests.js';
import type { MongoSource } from './mongo/mongo-source.js';
import type { MongoCollection, MongoDatabase } from './mongo/mongo-types.js';
import {
  bytesOf,
  fieldsFor,
  type ObjectDocument,
  objectDocument,
} from './mongo/object-documents.js';
import { ReadConcerns } from './mongo/read-concerns.js';
import {
  checkCellBytes,
  checkKey,
  checkObjectBytes,
  checkPrefix,
  checkRange,
} from './object-checks.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from './object-store.js';

const OBJECTS = 'holdfast_objects';
const CELLS = 'holdfast_cells';
const DELETED_AT_ONCE = 1000;

export interface MongoObjectsOptions {
  /** How long one request may take, in milliseconds. Default: 10000. */
  timeoutMs?: number | undefined;
  /** The `dataPath` of whatsapp-web.js's RemoteAuth, for what its stores have left. */
  dataPath?: string | undefined;
}

interface CellDocument {
  value: Uint8Array;
  version: string;
}

/**
 * Objects and cells in MongoDB: a document each, in two collections for all sessions. The servers
 * of others that speak its protocol will do too: nothing is used but insert, update, find and
 * delete of documents by their `_id`.
 */
export class MongoObjects implements ObjectStore {
  /** Free clusters have 512 MB. */
  readonly defaultBudget = 1.4;
  readonly formerArchives: FormerArchives;
  readonly #requests: MongoRequests;
  readonly #readConcerns = new ReadConcerns();
  /** The server gives up before its answer is given up here: it says why. */
  readonly #waitMs: number;

  constructor(source: MongoSource, { timeoutMs = 10_000, dataPath }: MongoObjectsOptions = {}) {
    this.#requests = new MongoRequests(source);
    this.#waitMs = Math.ceil(timeoutMs * 0.8);
    this.formerArchives = new FormerBuckets(this.#requests, this.#waitMs, dataPath);
  }

  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    const projection = range === undefined ? undefined : fieldsFor(range);
    const document = await this.#ask(`read ${key}`, signal, (database) =>
      this.#readConcerns.read('majority', (concern) =>
        this.#objects(database).findOne({ _id: key }, { ...concern, projection, signal }),
      ),
    );
    return document === null ? null : bytesOf(document as ObjectDocument, range);
  }

  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    checkKey(key);
    checkObjectBytes(key, bytes);
    // The caller may use the memory again after giving up, while the driver still has it to send.
    const document = objectDocument(key, new Uint8Array(bytes));
    await this.#ask(`write ${key}`, signal, async (database) => {
      const objects = this.#objects(database);
      try {
        await objects.insertOne(document);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        await this.#confirm(objects, key, signal);
      }
    });
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    checkPrefix(prefix);
    const pages = (open: (database: MongoDatabase) => MongoCollection) =>
      pagesOf((after) =>
        this.#ask(`list ${prefix || 'everything'}`, signal, (database) =>
          this.#readConcerns.read('majority', (concern) =>
            readPage(open(database), prefix, after, { ...concern, signal }),
          ),
        ),
      );
    yield* mergeLists(
      pages((database) => this.#objects(database)),
      pages((database) => this.#cells(database)),
    );
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    keys.forEach(checkKey);
    for (let from = 0; from < keys.length; from += DELETED_AT_ONCE) {
      const some = keys.slice(from, from + DELETED_AT_ONCE);
      const what = some.length === 1 ? some[0] : `${some.length} keys`;
      await this.#ask(`delete ${what}`, signal, async (database) => {
        await this.#objects(database).deleteMany({ _id: { $in: some } });
        signal?.throwIfAborted();
        await this.#cells(database).deleteMany({ _id: { $in: some } });
      });
    }
  }

  async readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    checkKey(key);
    const found = await this.#ask(`read the cell ${key}`, signal, (database) =>
      this.#findCell(this.#cells(database), key, signal),
    );
    if (found === null) return null;
    const { value, version } = found;
    return { value: Buffer.from(value), version };
  }

  async swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    checkKey(key);
    checkCellBytes(key, value);
    const version = randomBytes(15).toString('base64url');
    const content = { value: Uint8Array.from(value), size: value.length, version };
    await this.#ask(`write the cell ${key}`, signal, async (database) => {
      const cells = this.#cells(database);
      const isSwapped =
        expectedVersion === null
          ? await insertIfAbsent(cells, { _id: key, ...content })
          : await updateIfThere(cells, { _id: key, version: expectedVersion }, content);
      if (isSwapped) return;
      // The driver repeats a write whose answer was lost, and not every server knows it again.
      const found = await this.#findCell(cells, key, signal);
      if (found?.version !== version) throw cellConflict(key, expectedVersion);
    });
    return version;
  }

  close(): Promise<void> {
    return this.#requests.close();
  }

  #findCell(
    cells: MongoCollection,
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<CellDocument | null> {
    return this.#readConcerns.read('linearizable', async (concern) => {
      // Without a majority it would wait for one, without end.
      const options = { ...concern, maxTimeMS: this.#waitMs, signal };
      return (await cells.findOne({ _id: key }, options)) as CellDocument | null;
    });
  }

  /** That an object which was there already is there to stay, as after an insert. */
  async #confirm(objects: MongoCollection, key: string, signal?: AbortSignal): Promise<void> {
    const found = await this.#readConcerns.read('majority', (concern) =>
      objects.findOne({ _id: key }, { ...concern, projection: { size: 1 }, signal }),
    );
    if (found !== null) return;
    throw new HoldfastError(
      'STORE_UNREACHABLE',
      `Cannot write ${key}: it has not reached a majority of the servers yet.`,
      { transient: true },
    );
  }

  #objects(database: MongoDatabase): MongoCollection {
    return openCollection(database, OBJECTS, this.#waitMs);
  }

  #cells(database: MongoDatabase): MongoCollection {
    return openCollection(database, CELLS, this.#waitMs);
  }

  #ask<T>(
    doing: string,
    signal: AbortSignal | undefined,
    work: (database: MongoDatabase) => Promise<T>,
  ): Promise<T> {
    return this.#requests.ask(doing, signal, work);
  }
}

async function insertIfAbsent(cells: MongoCollection, document: object): Promise<boolean> {
  try {
    await cells.insertOne(document);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

async function updateIfThere(
  cells: MongoCollection,
  filter: object,
  content: object,
): Promise<boolean> {
  const { matchedCount } = await cells.updateOne(filter, { $set: content });
  return matchedCount === 1;
}
