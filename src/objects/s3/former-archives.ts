import type { FormerArchive, FormerArchives } from '../former-archives.js';
import { FormerObject } from './former-object.js';
import type { S3Bucket, S3Listed } from './s3-bucket.js';
import { askS3, type S3Place } from './s3-errors.js';

const ZIP = /(?:^|\/)(RemoteAuth(?:-[A-Za-z0-9_-]+)?)\.zip$/;

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

  async find(session: string, signal?: AbortSignal): Promise<FormerArchive | null> {
    const found = (await this.#listAll(signal)).get(session);
    return found === undefined ? null : this.#newest(session, found);
  }

  async list(signal?: AbortSignal): Promise<FormerArchive[]> {
    const bySession = [...(await this.#listAll(signal))];
    bySession.sort(([one], [other]) => (one < other ? -1 : 1));
    return bySession.map(([session, found]) => this.#newest(session, found));
  }

  async delete(session: string, signal?: AbortSignal): Promise<void> {
    for (const { key } of (await this.#listAll(signal)).get(session) ?? []) {
      await askS3(this.place, `delete ${key}`, signal, () => this.bucket.delete(key, signal));
    }
  }

  #listAll(signal: AbortSignal | undefined): Promise<Map<string, S3Listed[]>> {
    return askS3(this.place, 'look for archives of whatsapp-web.js', signal, async () => {
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
    const object = new FormerObject(this.bucket, this.place, newest);
    const read = (from?: number, signal?: AbortSignal) => object.read(from, signal);
    return { session, place: `s3://${this.bucket.name}/${key}`, bytes, savedAt, read };
  }
}
