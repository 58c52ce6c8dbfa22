import { randomBytes } from 'node:crypto';
import { HoldfastError } from '../errors.js';
import { cellConflict } from './cell-conflict.js';
import {
  checkCellBytes,
  checkKey,
  checkObjectBytes,
  checkPrefix,
  checkRange,
} from './object-checks.js';
import {
  type ByteRange,
  type Cell,
  type ListedObject,
  MAX_OBJECT_BYTES,
  type ObjectStore,
} from './object-store.js';
import type { RedisConnection } from './redis/connection.js';
import { redisError } from './redis/redis-errors.js';
import { getRange, listPage, put, remove, swap } from './redis/scripts.js';
import { warnOfServer } from './redis/warn-of-server.js';

export interface RedisConnections {
  objects: RedisConnection;
  /** For cells, which must not wait behind the bytes of objects. */
  cells: RedisConnection;
}

/** How many keys a page of a list has, and how many are deleted at once. */
const PAGE = 500;

/** Behind every character of a key. */
const AFTER_KEYS = '~';

/**
 * Objects and cells in Redis: an object is a text, a cell a hash. A sorted set has all keys in the
 * order of their bytes, as all have the same score, and a hash their sizes.
 */
export class RedisObjects implements ObjectStore {
  readonly #connections: RedisConnections;
  readonly #prefix: string;
  readonly #index: string;
  readonly #sizes: string;
  #isServerChecked = false;

  constructor(connections: RedisConnections, prefix: string) {
    this.#connections = connections;
    this.#prefix = prefix;
    this.#index = `${prefix}index`;
    this.#sizes = `${prefix}sizes`;
  }

  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    const firstKey = this.#object(key);
    const { objects } = this.#connections;
    const reply = await this.#run(`read ${key}`, signal, () =>
      range === undefined
        ? objects.send({ firstKey, args: ['GET', firstKey] }, signal)
        : getRange.run(objects, [firstKey], boundsOf(range), signal),
    );
    return reply === null ? null : bytesOf(reply);
  }

  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    checkKey(key);
    checkObjectBytes(key, bytes);
    const keys = [this.#object(key), this.#index, this.#sizes] as const;
    await this.#run(`write ${key}`, signal, () =>
      put.run(this.#connections.objects, keys, [key, bufferOf(bytes)], signal),
    );
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    checkPrefix(prefix);
    const keys = [this.#index, this.#sizes] as const;
    for (let from = `[${prefix}`; ; ) {
      const args = [from, `(${prefix}${AFTER_KEYS}`, String(PAGE)];
      const reply = await this.#run(`list ${prefix || 'everything'}`, signal, () =>
        listPage.run(this.#connections.objects, keys, args, signal),
      );
      const [listed, sizes] = reply as [unknown[], unknown[]];
      for (const [index, key] of listed.entries()) {
        yield { key: String(key), size: Number(sizes[index] ?? 0) };
      }
      if (listed.length < PAGE) return;
      from = `(${listed.at(-1)}`;
    }
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    keys.forEach(checkKey);
    for (let start = 0; start < keys.length; start += PAGE) {
      const some = keys.slice(start, start + PAGE);
      const places = some.flatMap((key) => [this.#object(key), this.#cell(key)]);
      const doing = `delete ${keys.length === 1 ? keys[0] : `${keys.length} keys`}`;
      await this.#run(doing, signal, () =>
        remove.run(this.#connections.objects, [this.#index, this.#sizes, ...places], some, signal),
      );
    }
  }

  async readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    checkKey(key);
    const firstKey = this.#cell(key);
    const reply = await this.#run(`read the cell ${key}`, signal, () =>
      this.#connections.cells.send(
        { firstKey, args: ['HMGET', firstKey, 'version', 'value'] },
        signal,
      ),
    );
    const [version, value] = reply as [unknown, unknown];
    return version === null ? null : { value: bytesOf(value), version: String(version) };
  }

  async swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    checkKey(key);
    checkCellBytes(key, value);
    const version = randomBytes(16).toString('hex');
    const expected = expectedVersion === null ? '-' : `=${expectedVersion}`;
    const done = await this.#run(`write the cell ${key}`, signal, () =>
      swap.run(
        this.#connections.cells,
        [this.#cell(key), this.#index, this.#sizes],
        [key, expected, version, bufferOf(value)],
        signal,
      ),
    );
    if (Number(done) !== 1) throw cellConflict(key, expectedVersion);
    return version;
  }

  async close(): Promise<void> {
    const { objects, cells } = this.#connections;
    await Promise.all([objects.close(), cells.close()]);
  }

  #object(key: string): string {
    return `${this.#prefix}object:${key}`;
  }

  #cell(key: string): string {
    return `${this.#prefix}cell:${key}`;
  }

  async #run(
    doing: string,
    signal: AbortSignal | undefined,
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    try {
      if (!this.#isServerChecked) {
        this.#isServerChecked = true;
        await warnOfServer(this.#connections.cells, this.#index, signal);
      }
      const reply = await work();
      // As of a client in node-redis 4's legacy mode: no answer must not look like "not here".
      if (reply === undefined)
        throw new Error('UNANSWERED by the client that the store was given.');
      return reply;
    } catch (error) {
      throw signal?.aborted ? error : redisError(doing, this.#prefix, error);
    }
  }
}

/** As `GETRANGE` counts: the last byte is in it. */
function boundsOf({ start, end }: ByteRange): [first: string, last: string] {
  const first = Math.min(start, MAX_OBJECT_BYTES);
  return [String(first), String(Math.min(end, MAX_OBJECT_BYTES) - 1)];
}

function bytesOf(reply: unknown): Uint8Array {
  if (reply instanceof Uint8Array) return reply;
  throw new HoldfastError('STORE_UNUSABLE', 'The Redis client gives no bytes.');
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
