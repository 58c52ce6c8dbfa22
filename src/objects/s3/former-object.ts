import { HoldfastError } from '../../errors.js';
import { MAX_OBJECT_BYTES } from '../object-store.js';
import type { S3Bucket, S3Listed } from './s3-bucket.js';
import { askS3, type S3Place } from './s3-errors.js';

/** An archive in a bucket, read by ranges. */
export class FormerObject {
  /** Of all that is read of it: another object of this key has another one. */
  #etag: string | undefined;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly place: S3Place,
    private readonly listed: Pick<S3Listed, 'key' | 'size'>,
  ) {}

  /** @throws {HoldfastError} STORE_UNUSABLE when another has taken its place */
  async *read(from = 0, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const { key, size } = this.listed;
    for (let start = from; start < size; start += MAX_OBJECT_BYTES) {
      const range = `bytes=${start}-${Math.min(size, start + MAX_OBJECT_BYTES) - 1}`;
      const piece = await askS3(this.place, `read ${key}`, signal, () =>
        this.bucket.get(key, range, signal),
      );
      this.#etag ??= piece?.etag;
      if (piece === null || piece.etag !== this.#etag) {
        throw new HoldfastError('STORE_UNUSABLE', `${key} was replaced while it was read.`, {
          transient: true,
        });
      }
      yield piece.bytes;
    }
  }
}
