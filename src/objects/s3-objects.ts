import { randomBytes } from 'node:crypto';
import { HoldfastError } from '../errors.js';
import type { FormerArchives } from './former-archives.js';
import {
  checkCellBytes,
  checkKey,
  checkObjectBytes,
  checkPrefix,
  checkRange,
} from './object-checks.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from './object-store.js';
import { type EtagForm, probeConditions } from './s3/conditions.js';
import { S3FormerArchives } from './s3/former-archives.js';
import { formerPrefixes, remotePath } from './s3/remote-path.js';
import { S3Bucket } from './s3/s3-bucket.js';
import { S3Cells } from './s3/s3-cells.js';
import type { S3ClientLike, S3Commands } from './s3/s3-client.js';
import { askS3, type S3Place, s3Error, statusOf } from './s3/s3-errors.js';

const DELETIONS_AT_ONCE = 8;

export interface S3ObjectsOptions {
  bucketName: string;
  remoteDataPath: string;
  client: S3ClientLike;
  commands: S3Commands;
  withoutLeases: boolean;
  /** Called by `close`. */
  onClose?: (() => void) | undefined;
}

/**
 * Objects and cells in a bucket of AWS S3 or a service like it. A key is the object
 * `<remoteDataPath>/<key>`.
 *
 * Cells need conditional writes, which a probe looks for before the first swap.
 */
export class S3Objects implements ObjectStore {
  /** Every save is two paid requests. */
  readonly defaultSaveIntervalMs = 10_000;
  readonly formerArchives: FormerArchives;
  readonly #place: S3Place;
  readonly #bucket: S3Bucket;
  readonly #cells: S3Cells;
  readonly #onClose: (() => void) | undefined;
  /** Shared by all who come meanwhile. */
  #probe: Promise<EtagForm> | null = null;

  constructor(options: S3ObjectsOptions) {
    const { bucketName, remoteDataPath, client, commands, withoutLeases } = options;
    this.#place = { bucket: bucketName, path: remotePath(remoteDataPath) };
    this.#bucket = new S3Bucket(bucketName, client, commands);
    this.#cells = new S3Cells(this.#bucket, this.#place, async () =>
      withoutLeases ? null : this.#findForm(),
    );
    const prefixes = formerPrefixes(remoteDataPath);
    this.formerArchives = new S3FormerArchives(this.#bucket, this.#place, prefixes);
    this.#onClose = options.onClose;
  }

  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null> {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    return this.#run(`read ${key}`, signal, async () => {
      if (range === undefined) {
        return (await this.#bucket.get(this.#object(key), undefined, signal))?.bytes ?? null;
      }
      return this.#getRange(key, range, signal);
    });
  }

  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    checkKey(key);
    checkObjectBytes(key, bytes);
    await this.#run(`write ${key}`, signal, () =>
      this.#bucket.put(this.#object(key), bytes, {}, signal),
    );
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject> {
    checkPrefix(prefix);
    let last = '';
    try {
      for await (const { key: object, size } of this.#bucket.list(this.#object(prefix), signal)) {
        const key = object.slice(this.#object('').length);
        if (!isKey(key)) continue;
        if (key <= last) throw unordered(this.#place);
        last = key;
        yield { key, size };
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw s3Error(this.#place, `list ${prefix || 'everything'}`, error);
    }
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    keys.forEach(checkKey);
    const waiting = keys.values();
    // One by one: their number costs nothing, and DeleteObjects needs a checksum that services
    // disagree about.
    const workers = Array.from({ length: DELETIONS_AT_ONCE }, async () => {
      for (const key of waiting) {
        await this.#run(`delete ${key}`, signal, () =>
          this.#bucket.delete(this.#object(key), signal),
        );
      }
    });
    await Promise.all(workers);
  }

  async readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    checkKey(key);
    return this.#run(`read the cell ${key}`, signal, () =>
      this.#cells.read(key, this.#object(key), signal),
    );
  }

  async swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    checkKey(key);
    checkCellBytes(key, value);
    return this.#run(`write the cell ${key}`, signal, () =>
      this.#cells.swap(key, this.#object(key), value, expectedVersion, signal),
    );
  }

  async close(): Promise<void> {
    this.#onClose?.();
  }

  #object(key: string): string {
    const { path } = this.#place;
    return path === '' ? key : `${path}/${key}`;
  }

  async #getRange(
    key: string,
    { start, end }: ByteRange,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | null> {
    // HTTP has no empty range; that of one byte tells whether the object is here.
    const lastByte = Math.max(start, end - 1);
    try {
      const found = await this.#bucket.get(this.#object(key), `bytes=${start}-${lastByte}`, signal);
      if (found === null) return null;
      const whole = found.contentRange === undefined;
      return found.bytes.subarray(...(whole ? [start, end] : [0, end - start]));
    } catch (error) {
      if (statusOf(error) === 416) return new Uint8Array();
      throw error;
    }
  }

  /** What was found out is kept; that it could not be is forgotten. */
  #findForm(): Promise<EtagForm> {
    if (this.#probe === null) {
      // No key of this store has this character, so that it is in no list.
      const key = this.#object(`!probe-${randomBytes(16).toString('hex')}`);
      this.#probe = probeConditions(this.#bucket, this.#place, key);
      this.#probe.catch(() => {
        this.#probe = null;
      });
    }
    return this.#probe;
  }

  #run<T>(doing: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return askS3(this.#place, doing, signal, work);
  }
}

/** Others may lie there: what wwebjs-aws-s3 has left, and what has nothing to do with sessions. */
function isKey(text: string): boolean {
  try {
    checkKey(text);
    return true;
  } catch {
    return false;
  }
}

function unordered({ bucket }: S3Place): HoldfastError {
  return new HoldfastError(
    'STORE_UNUSABLE',
    `The bucket ${bucket} lists its keys in no order, as directory buckets (S3 Express) do. ` +
      'Give a general purpose bucket.',
  );
}
