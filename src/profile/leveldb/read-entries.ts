import { readdir } from 'node:fs/promises';
import { LevelDBFormatError } from './byte-reader.js';
import { decodeInternalKey } from './internal-key.js';
import { type LiveLog, readLiveLogs } from './live-log.js';
import { forEachLiveTable } from './live-tables.js';
import { type Manifest, readManifest } from './manifest.js';
import { readWrites } from './write-batch.js';

/** The order of keys of every database whose keys can be compared byte by byte (util/comparator.cc). */
export const BYTEWISE_COMPARATOR = 'leveldb.BytewiseComparator';

/** What a closed database holds. */
export interface DatabaseContent {
  manifest: Manifest;
  logs: LiveLog[];
  /** By key, of which each character is one byte (`latin1`), in the order of the bytes. */
  entries: Map<string, Uint8Array>;
  /** Of the last write. */
  lastSequence: number;
}

/**
 * The present entries of the LevelDB database in `dir`, which no process may have open: tables of
 * all levels and live logs put together. Each character of a key is one byte (`latin1`); they come
 * in the order of the bytes. Values are copies or views that hold no more than their log.
 *
 * Throws {@link LevelDBFormatError} for a database that is damaged, or that orders its keys in
 * another way than bytewise: two keys that such an order calls equal could be one entry.
 *
 * @param prefix only the entries whose key begins so
 */
export async function readEntries(
  dir: string,
  prefix: Uint8Array = new Uint8Array(),
): Promise<Map<string, Uint8Array>> {
  const content = await readContent(dir, (key) => startsWith(key, prefix));
  return content?.entries ?? new Map();
}

/** The same with where it comes from, of those keys that are wanted; undefined when there is no database. */
export async function readContent(
  dir: string,
  isWanted: (key: Uint8Array) => boolean,
): Promise<DatabaseContent | undefined> {
  const names = await readdir(dir);
  const manifest = await readManifest(dir, names);
  if (!manifest) return undefined;
  const { version } = manifest;
  if (version.comparator !== BYTEWISE_COMPARATOR) {
    throw new LevelDBFormatError(`its keys are ordered by ${version.comparator}`);
  }

  const newest = new NewestWrites();
  let { lastSequence } = version;
  await forEachLiveTable(dir, names, version, (table) =>
    table.forEachEntry(({ key, value }) => {
      const { userKey, sequence, isDeletion } = decodeInternalKey(key);
      // A view would keep the whole block in memory.
      if (isWanted(userKey)) newest.add(userKey, sequence, isDeletion ? null : Buffer.from(value));
    }),
  );
  const logs = await readLiveLogs(dir, names, version);
  for (const { batches } of logs) {
    for (const { record, sequence, count } of batches) {
      let next = sequence;
      for (const { key, value } of readWrites(record)) {
        if (isWanted(key)) newest.add(key, next, value);
        next += 1;
      }
      lastSequence = Math.max(lastSequence, sequence + count - 1);
    }
  }
  return { manifest, logs, entries: newest.entries(), lastSequence };
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && prefix.every((byte, index) => key[index] === byte);
}

/** The last write to each key, whatever the order in which they are found. */
class NewestWrites {
  readonly #writes = new Map<string, { sequence: number; value: Uint8Array | null }>();

  add(key: Uint8Array, sequence: number, value: Uint8Array | null): void {
    const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
    const known = this.#writes.get(name);
    if (!known || sequence >= known.sequence) this.#writes.set(name, { sequence, value });
  }

  entries(): Map<string, Uint8Array> {
    const entries = new Map<string, Uint8Array>();
    for (const [key, { value }] of [...this.#writes].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value !== null) entries.set(key, value);
    }
    return entries;
  }
}
