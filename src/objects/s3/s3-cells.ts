import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import { cellConflict } from '../cell-conflict.js';
import type { Cell } from '../object-store.js';
import { conditionOf, type EtagForm } from './conditions.js';
import type { S3Bucket, S3Condition, S3Object } from './s3-bucket.js';
import { nameOf, type S3Place, s3Error, statusOf } from './s3-errors.js';

/** An ETag is a hash of the content: with so many random bytes before the value it never repeats. */
const NONCE_BYTES = 16;
const ATTEMPTS = 3;
const PAUSE_MS = 50;

/** That a condition does not hold, or could not be looked at as somebody else was writing. */
const REFUSALS = [409, 412];

interface Swap {
  /** For messages; `object` is where it lies. */
  key: string;
  object: string;
  body: Buffer;
  expected: string | null;
  signal: AbortSignal | undefined;
}

/**
 * Cells as objects, with their ETags as versions: with the quotes, so that it can be seen where one
 * ends. Ceph takes an ETag with something behind it for the same.
 */
export class S3Cells {
  constructor(
    private readonly bucket: S3Bucket,
    private readonly place: S3Place,
    /** Null: swaps are not conditional. */
    private readonly findForm: () => Promise<EtagForm | null>,
  ) {}

  async read(key: string, object: string, signal?: AbortSignal): Promise<Cell | null> {
    const found = await this.bucket.get(object, undefined, signal);
    if (found === null) return null;
    if (found.bytes.length < NONCE_BYTES || found.etag === '') {
      throw new HoldfastError(
        'STORE_UNUSABLE',
        `What lies at ${object} in the bucket ${this.place.bucket} is not the cell ${key}.`,
      );
    }
    return { value: found.bytes.subarray(NONCE_BYTES), version: versionOf(found.etag) };
  }

  async swap(
    key: string,
    object: string,
    value: Uint8Array,
    expected: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    // Of every attempt the same, so that it does not matter which of them arrives.
    const body = Buffer.concat([randomBytes(NONCE_BYTES), value]);
    const etag = expected === null ? null : etagOf(expected);
    // Undefined: no version that was ever given.
    if (etag === undefined) throw cellConflict(key, expected);
    const form = await this.findForm();
    const swap = { key, object, body, expected, signal };
    if (form !== null) return this.#swap(swap, conditionOf(etag, form));
    const found = await this.bucket.get(object, undefined, signal);
    if (versionIn(found) !== expected) throw cellConflict(key, expected);
    return this.#swap(swap, {});
  }

  /**
   * What a refusal means cannot be told from it: the SDK repeats requests by itself, and the second
   * of two is refused because the first one has arrived. So the cell is asked. Ceph answers 500 to
   * some that lose a race, and AWS 404 when a cell is gone.
   */
  async #swap(swap: Swap, condition: S3Condition): Promise<string> {
    const { key, object, body, expected, signal } = swap;
    for (let attempt = 1; ; attempt++) {
      try {
        const etag = await this.bucket.put(object, body, condition, signal);
        if (etag !== '') return versionOf(etag);
        throw new HoldfastError(
          'STORE_UNUSABLE',
          'The S3 service gives no ETag for what it keeps.',
        );
      } catch (error) {
        if (signal?.aborted || !this.#isUnclear(error)) throw error;
        const found = await this.bucket.get(object, undefined, signal);
        if (found !== null && body.equals(found.bytes)) return versionOf(found.etag);
        if (versionIn(found) !== expected) throw cellConflict(key, expected);
        if (attempt === ATTEMPTS) throw this.#unsettled(key, error);
      }
      await sleep(PAUSE_MS * (1 + Math.random()), undefined, signal && { signal });
    }
  }

  #isUnclear(error: unknown): boolean {
    return (
      REFUSALS.includes(statusOf(error) ?? 0) ||
      nameOf(error) === 'NoSuchKey' ||
      s3Error(this.place, 'swap', error).code === 'STORE_UNREACHABLE'
    );
  }

  #unsettled(key: string, cause: unknown): HoldfastError {
    const { transient, code, message } = s3Error(this.place, `write the cell ${key}`, cause);
    if (transient) return new HoldfastError(code, message, { cause, transient });
    return new HoldfastError(
      'STORE_UNREACHABLE',
      `The S3 service refuses to change the cell ${key} (${nameOf(cause)}), though nobody has.`,
      { cause, transient: true },
    );
  }
}

function versionOf(etag: string): string {
  return `"${etag}"`;
}

function versionIn(found: S3Object | null): string | null {
  return found && versionOf(found.etag);
}

/** Undefined when it is no version; in a header it could mean more, as `*` does. */
function etagOf(version: string): string | undefined {
  return /^"([!#-)+\x2d-~]+)"$/.exec(version)?.[1];
}
