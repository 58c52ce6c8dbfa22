import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import type { FormerArchive, FormerArchives } from '../former-archives.js';
import { openCollection } from './collections.js';
import { isUnknownCommand } from './mongo-errors.js';
import type { MongoRequests } from './mongo-requests.js';
import { StoredFile, type StoredFileEntry } from './stored-file.js';

const BUCKET = 'whatsapp-';
const SESSION = /^RemoteAuth(-[A-Za-z0-9_-]+)?$/;

/**
 * What wwebjs-mongo has left: a GridFS bucket per session, `whatsapp-<session>`, with the archive
 * as the file `<session>.zip` in it. By newer versions of whatsapp-web.js `<session>` is a whole
 * path that ends in the session's name.
 */
export class FormerBuckets implements FormerArchives {
  readonly #requests: MongoRequests;
  readonly #waitMs: number;
  readonly #dataPath: string;

  constructor(requests: MongoRequests, waitMs: number, dataPath = '.wwebjs_auth') {
    this.#requests = requests;
    this.#waitMs = waitMs;
    this.#dataPath = dataPath;
  }

  async find(session: string, signal?: AbortSignal): Promise<FormerArchive | null> {
    return this.#findIn(session, await this.#bucketsOf(session, signal), signal);
  }

  async list(signal?: AbortSignal): Promise<FormerArchive[]> {
    const buckets = await this.#listBuckets(signal);
    if (buckets === null) {
      throw new HoldfastError(
        'STORE_UNUSABLE',
        'This MongoDB server cannot list its collections, so which sessions wwebjs-mongo has kept ' +
          'there cannot be told. Each can be taken over by its name.',
      );
    }
    const sessions = [...new Set(buckets.map(sessionOf))].filter((name) => SESSION.test(name));
    const archives: FormerArchive[] = [];
    for (const session of sessions.sort()) {
      const own = buckets.filter((bucket) => sessionOf(bucket) === session);
      const archive = await this.#findIn(session, own, signal);
      if (archive !== null) archives.push(archive);
    }
    return archives;
  }

  async delete(session: string, signal?: AbortSignal): Promise<void> {
    const buckets = await this.#bucketsOf(session, signal);
    await this.#requests.ask(`delete the archives of ${session}`, signal, async (database) => {
      for (const bucket of buckets) {
        // The files first: chunks without their file are nothing, a file without them is damage.
        for (const name of [`${bucket}.files`, `${bucket}.chunks`]) {
          signal?.throwIfAborted();
          const collection = openCollection(database, name, this.#waitMs);
          await collection.deleteMany({});
          // It is empty by now; not every server and every user can remove it too.
          await collection.drop().catch(() => undefined);
        }
      }
    });
  }

  async #findIn(
    session: string,
    buckets: string[],
    signal: AbortSignal | undefined,
  ): Promise<FormerArchive | null> {
    const files: StoredFile[] = [];
    for (const bucket of buckets) files.push(...(await this.#filesIn(bucket, signal)));
    files.sort((one, other) => other.uploadedAt - one.uploadedAt);
    for (const file of files) {
      if (await file.isWhole(signal)) return archiveOf(session, file);
    }
    const [newest] = files;
    if (newest === undefined) return null;
    throw newest.damaged();
  }

  async #filesIn(bucket: string, signal: AbortSignal | undefined): Promise<StoredFile[]> {
    const filename = `${bucket.slice(BUCKET.length)}.zip`;
    const entries = await this.#requests.ask(
      `look for archives in the GridFS bucket ${bucket}`,
      signal,
      (database) =>
        openCollection(database, `${bucket}.files`, this.#waitMs)
          .find({ filename }, { signal })
          .toArray(),
    );
    return (entries as StoredFileEntry[]).map(
      (entry) => new StoredFile(this.#requests, this.#waitMs, bucket, entry),
    );
  }

  async #bucketsOf(session: string, signal: AbortSignal | undefined): Promise<string[]> {
    const buckets = await this.#listBuckets(signal);
    if (buckets !== null) return buckets.filter((bucket) => sessionOf(bucket) === session);
    return [session, path.resolve(this.#dataPath, session)].map((name) => BUCKET + name);
  }

  /** Null when the server does not list its collections. */
  #listBuckets(signal: AbortSignal | undefined): Promise<string[] | null> {
    return this.#requests.ask('list the collections', signal, async (database) => {
      try {
        const collections = await database.listCollections({}, { nameOnly: true }).toArray();
        const names = (collections as { name: string }[]).map(({ name }) => name);
        return [...new Set(names.flatMap(bucketOf))];
      } catch (error) {
        if (isUnknownCommand(error)) return null;
        throw error;
      }
    });
  }
}

/** Also of a bucket that has lost one of its two collections. */
function bucketOf(collection: string): string[] {
  const bucket = collection.replace(/\.(files|chunks)$/, '');
  return collection.startsWith(BUCKET) && bucket !== collection ? [bucket] : [];
}

function sessionOf(bucket: string): string {
  return path.posix.basename(bucket.slice(BUCKET.length).replaceAll('\\', '/'));
}

function archiveOf(session: string, file: StoredFile): FormerArchive {
  return {
    session,
    place: file.place,
    bytes: file.bytes,
    savedAt: Number.isFinite(file.uploadedAt) ? new Date(file.uploadedAt) : null,
    read: (from, signal) => file.read(from, signal),
  };
}
