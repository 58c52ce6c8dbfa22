import { HoldfastError } from '../../errors.js';
import type { FormerArchive, FormerArchives } from '../former-archives.js';
import { repeat } from './repeat.js';
import type { S3Bucket, S3Listed } from './s3-bucket.js';
import { type S3Place, s3Error } from './s3-errors.js';

const ZIP = /(?:^|\/)(RemoteAuth(?:-[A-Za-z0-9_-]+)?)\.zip$/;
const PIECE_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/**
 * What wwebjs-aws-s3 has left: `<remoteDataPath>/<session>.zip`, where `<session>` may be an
 * absolute path that ends in the session's name, as whatsapp-web.js has told it to stores.
 */
export class S3FormerArchives implements FormerArchives {
  constructor(
    private readonly bucket: S3Bucket,
    private readonly place: S3Place,
    /** What the keys begin with; each ends in a slash, or is empty. */
    private readonly prefixes: readonly string[],
  ) {}

  async find(session: string): Promise<FormerArchive | null> {
    const found = (await this.#listAll()).get(session);
    return found === undefined ? null : this.#newest(session, found);
  }

  async list(): Promise<FormerArchive[]> {
    const bySession = [...(await this.#listAll())].sort(([one], [other]) => (one < other ? -1 : 1));
    return bySession.map(([session, found]) => this.#newest(session, found));
  }

  async delete(session: string): Promise<void> {
    for (const { key } of (await this.#listAll()).get(session) ?? []) {
      await this.#repeat(`delete ${key}`, (signal) => this.bucket.delete(key, signal));
    }
  }

  #listAll(): Promise<Map<string, S3Listed[]>> {
    return this.#repeat('look for archives of whatsapp-web.js', async (signal) => {
      const bySession = new Map<string, S3Listed[]>();
      // One may lie within the other.
      const seen = new Set<string>();
      for (const prefix of this.prefixes) {
        for await (const listed of this.bucket.list(prefix, signal)) {
          const session = ZIP.exec(listed.key.slice(prefix.length))?.[1];
          if (session === undefined || seen.has(listed.key)) continue;
          seen.add(listed.key);
          bySession.set(session, [...(bySession.get(session) ?? []), listed]);
        }
      }
      return bySession;
    });
  }

  #newest(session: string, found: readonly S3Listed[]): FormerArchive {
    const timeOf = ({ modifiedAt }: S3Listed) => modifiedAt?.getTime() ?? 0;
    const newest = found.reduce((one, other) => (timeOf(other) > timeOf(one) ? other : one));
    const { key, size: bytes, modifiedAt: savedAt } = newest;
    const place = `s3://${this.bucket.name}/${key}`;
    return { session, place, bytes, savedAt, read: () => this.#read(key, bytes) };
  }

  /** In pieces, each of which may be asked for again. */
  async *#read(key: string, bytes: number): AsyncIterable<Uint8Array> {
    let etag: string | undefined;
    for (let start = 0; start < bytes; start += PIECE_BYTES) {
      const range = `bytes=${start}-${Math.min(bytes, start + PIECE_BYTES) - 1}`;
      const piece = await this.#repeat(`read ${key}`, (signal) =>
        this.bucket.get(key, range, signal),
      );
      etag ??= piece?.etag;
      if (piece === null || piece.etag !== etag) {
        throw new HoldfastError('STORE_UNUSABLE', `${key} was replaced while it was read.`, {
          transient: true,
        });
      }
      yield piece.bytes;
    }
  }

  async #repeat<T>(doing: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await repeat(this.place, doing, TIMEOUT_MS, work);
    } catch (error) {
      throw s3Error(this.place, doing, error);
    }
  }
}
