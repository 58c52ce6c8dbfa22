import { randomUUID } from 'node:crypto';
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
import { prepareTables } from './postgres/migrations.js';
import { asWritten, type PoolSource, type PostgresResult } from './postgres/pool.js';
import { postgresError } from './postgres/postgres-errors.js';
import { PAGE, statementsFor } from './postgres/statements.js';
import { withClient } from './postgres/with-client.js';

/** Behind every character of a key. */
const AFTER_KEYS = '~';

/** Objects and cells in two tables of a PostgreSQL database. */
export class PostgresObjects implements ObjectStore {
  readonly #pool: PoolSource;
  readonly #schema: string;
  readonly #statements: ReturnType<typeof statementsFor>;
  #isPrepared = false;

  constructor(pool: PoolSource, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
    this.#statements = statementsFor(schema);
  }

  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    const { rows } = await this.#run(
      `read ${key}`,
      range === undefined ? this.#statements.get : this.#statements.getRange,
      range === undefined ? [key] : [key, ...substringOf(range)],
      signal,
    );
    return rows[0] === undefined ? null : bytesOf(rows[0].bytes);
  }

  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    checkKey(key);
    checkObjectBytes(key, bytes);
    await this.#run(`write ${key}`, this.#statements.put, [key, bufferOf(bytes)], signal);
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    checkPrefix(prefix);
    const doing = `list ${prefix || 'everything'}`;
    for (let last = ''; ; ) {
      const values = [prefix, last, `${prefix}${AFTER_KEYS}`];
      const { rows } = await this.#run(doing, this.#statements.list, values, signal);
      for (const { key, size } of rows) {
        last = String(key);
        yield { key: last, size: Number(size) };
      }
      if (rows.length < PAGE) return;
    }
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    keys.forEach(checkKey);
    const doing = `delete ${keys.length === 1 ? keys[0] : `${keys.length} keys`}`;
    await this.#run(doing, this.#statements.delete, [keys], signal);
  }

  async readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    checkKey(key);
    const doing = `read the cell ${key}`;
    const { rows } = await this.#run(doing, this.#statements.readCell, [key], signal);
    if (rows[0] === undefined) return null;
    return { value: bytesOf(rows[0].value), version: String(rows[0].version) };
  }

  async swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    checkKey(key);
    checkCellBytes(key, value);
    const version = randomUUID();
    const { rowCount } = await this.#run(
      `write the cell ${key}`,
      expectedVersion === null ? this.#statements.makeCell : this.#statements.changeCell,
      [key, bufferOf(value), version, ...(expectedVersion === null ? [] : [expectedVersion])],
      signal,
    );
    if (rowCount !== 1) throw cellConflict(key, expectedVersion);
    return version;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #run(
    doing: string,
    text: string,
    values: unknown[],
    signal: AbortSignal | undefined,
  ): Promise<PostgresResult> {
    try {
      return await withClient(this.#pool.get(), signal, async (client) => {
        // Each request does it for itself until one has: none waits for what another gives up.
        if (!this.#isPrepared) await prepareTables(client, this.#schema);
        this.#isPrepared = true;
        return client.query({ text, values, types: asWritten });
      });
    } catch (error) {
      throw signal?.aborted ? error : postgresError(doing, this.#schema, error);
    }
  }
}

/** As `substring` counts: from 1, and a length. */
function substringOf({ start, end }: ByteRange): [from: number, length: number] {
  const from = Math.min(start, MAX_OBJECT_BYTES);
  return [from + 1, Math.min(end, MAX_OBJECT_BYTES) - from];
}

function bytesOf(base64: string | null | undefined): Uint8Array {
  return Buffer.from(base64 ?? '', 'base64');
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
