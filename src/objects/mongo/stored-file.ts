import { HoldfastError } from '../../errors.js';
import { openCollection } from './collections.js';
import type { MongoRequests } from './mongo-requests.js';

/** What the `files` collection of a bucket says of a file. */
export interface StoredFileEntry {
  _id: unknown;
  length: number;
  chunkSize: number;
  uploadDate?: Date;
}

interface Chunk {
  n: number;
  data: Uint8Array;
}

const CHUNKS_READ_AT_ONCE = 16;
const NUMBERS_READ_AT_ONCE = 500;

/** A file in a GridFS bucket, read by its chunks. */
export class StoredFile {
  readonly place: string;
  readonly bytes: number;
  /** In milliseconds; -Infinity when that is not known. */
  readonly uploadedAt: number;

  constructor(
    private readonly requests: MongoRequests,
    private readonly waitMs: number,
    private readonly bucket: string,
    private readonly entry: StoredFileEntry,
  ) {
    this.place = `the GridFS bucket ${bucket}`;
    this.bytes = entry.length;
    this.uploadedAt = entry.uploadDate?.getTime() ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether each of its chunks is there; an empty file is no archive. */
  async isWhole(signal: AbortSignal | undefined): Promise<boolean> {
    const count = this.#chunkCount();
    if (!(count > 0)) return false;
    const options = { projection: { _id: 0, n: 1 } };
    for (let next = 0; next < count; ) {
      const chunks = await this.#chunksFrom(next, NUMBERS_READ_AT_ONCE, { ...options, signal });
      if (chunks.length === 0 || !chunks.every(({ n }, index) => n === next + index)) return false;
      next += chunks.length;
    }
    return true;
  }

  /** @throws {HoldfastError} ARCHIVE_DAMAGED when a chunk is missing or has not its length */
  async *read(from = 0, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const { chunkSize } = this.entry;
    const count = this.#chunkCount();
    for (let next = Math.floor(from / chunkSize); next < count; ) {
      const chunks = await this.#chunksFrom(next, CHUNKS_READ_AT_ONCE, { signal });
      if (chunks.length === 0) throw this.damaged();
      for (const { n, data } of chunks) {
        if (n !== next || data.length !== this.#lengthOf(n)) throw this.damaged();
        yield data.subarray(Math.max(0, from - next * chunkSize));
        next += 1;
      }
    }
  }

  damaged(): HoldfastError {
    return new HoldfastError(
      'ARCHIVE_DAMAGED',
      `The archive in ${this.place} is not whole: its ${this.bytes} bytes are not all there. ` +
        'What was saved there cannot be taken over.',
    );
  }

  #chunkCount(): number {
    return Math.ceil(this.bytes / this.entry.chunkSize);
  }

  #lengthOf(n: number): number {
    const { chunkSize } = this.entry;
    return Math.min(chunkSize, this.bytes - n * chunkSize);
  }

  async #chunksFrom(
    first: number,
    limit: number,
    options: { projection?: object; signal: AbortSignal | undefined },
  ): Promise<Chunk[]> {
    const filter = { files_id: this.entry._id, n: { $gte: first } };
    const { signal } = options;
    const chunks = await this.requests.ask(`read ${this.place}`, signal, (database) =>
      openCollection(database, `${this.bucket}.chunks`, this.waitMs)
        .find(filter, { ...options, sort: { n: 1 }, limit })
        .toArray(),
    );
    return chunks as Chunk[];
  }
}
