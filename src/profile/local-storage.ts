import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HoldfastError } from '../errors.js';
import { appendWrites } from './leveldb/append-writes.js';
import { LevelDBFormatError } from './leveldb/byte-reader.js';
import { createDatabase } from './leveldb/create-database.js';
import { type DatabaseContent, readContent } from './leveldb/read-entries.js';
import { trimDatabase } from './leveldb/trim-database.js';
import type { Write } from './leveldb/write-batch.js';
import type { StorageArea } from './live-values.js';
import {
  decodeModifiedAt,
  encodeMeta,
  encodeText,
  itemPrefix,
  metaKey,
  VERSION,
  VERSION_KEY,
} from './local-storage-format.js';

/** The database of a profile's localStorage, of all origins. */
export function localStorageFolder(userDataDir: string): string {
  return join(userDataDir, 'Default', 'Local Storage', 'leveldb');
}

/**
 * Writes the localStorage of these origins into a profile that no browser has open, so that it is
 * there from the first moment of the next start. An origin's items are replaced completely: what
 * its area does not hold is removed. Everything else stays as it is.
 *
 * Whenever this is cut off, the profile holds all of it or nothing of it, and opens. It is on disk
 * when this resolves; what is in the profile already is not written again.
 *
 * @throws {HoldfastError} PROFILE_DAMAGED, DATA_PATH_UNUSABLE
 */
export async function mergeLocalStorage(
  userDataDir: string,
  areas: readonly StorageArea[],
): Promise<void> {
  await merge(userDataDir, areas, () => true);
}

/**
 * The same, but origins to which the browser has written on disk since `readAt` (milliseconds
 * since 1970) are left alone: the areas were read from it before that.
 */
export async function mergeLocalStorageUnlessNewer(
  userDataDir: string,
  areas: readonly StorageArea[],
  readAt: number,
): Promise<void> {
  await merge(userDataDir, areas, (modifiedAt) => modifiedAt === undefined || modifiedAt < readAt);
}

async function merge(
  userDataDir: string,
  areas: readonly StorageArea[],
  isDue: (modifiedAt: number | undefined) => boolean,
): Promise<void> {
  const dir = localStorageFolder(userDataDir);
  try {
    await mkdir(dirname(dir), { recursive: true, mode: 0o700 });
    const content = await readAreas(dir, areas);
    const entries = content?.entries ?? new Map<string, Uint8Array>();
    const writes = areas.flatMap((area) => {
      const meta = entries.get(latin1(metaKey(area.origin)));
      return isDue(meta && decodeModifiedAt(meta)) ? writesOf(area, entries) : [];
    });
    if (writes.length === 0) return;
    if (!entries.has(latin1(VERSION_KEY))) writes.push({ key: VERSION_KEY, value: VERSION });
    if (content) await appendWrites(dir, content, writes);
    else await createDatabase(dir, writes);
  } catch (error) {
    throw explain(error, userDataDir);
  }
}

/** What the database holds of these areas; undefined when there is none. */
async function readAreas(
  dir: string,
  areas: readonly StorageArea[],
): Promise<DatabaseContent | undefined> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return undefined;
  // Nothing may be written behind half a record.
  await trimDatabase(dir);
  const single = new Set([VERSION_KEY, ...areas.map(({ origin }) => metaKey(origin))].map(latin1));
  const prefixes = areas.map(({ origin }) => latin1(itemPrefix(origin)));
  return readContent(dir, (key) => {
    const text = latin1(key);
    return single.has(text) || prefixes.some((prefix) => text.startsWith(prefix));
  });
}

/** What has to be written so that `entries` hold exactly this area; nothing when they do. */
function writesOf({ origin, items }: StorageArea, entries: Map<string, Uint8Array>): Write[] {
  const prefix = itemPrefix(origin);
  const writes: Write[] = [];
  const wanted = new Set<string>();
  let size = 0;
  for (const [name, text] of items) {
    const itemKey = encodeText(name);
    const value = encodeText(text);
    const key = Buffer.concat([prefix, itemKey]);
    const known = entries.get(latin1(key));
    wanted.add(latin1(key));
    size += itemKey.length + value.length;
    if (!known || Buffer.compare(known, value) !== 0) writes.push({ key, value });
  }
  for (const key of entries.keys()) {
    if (!key.startsWith(latin1(prefix)) || wanted.has(key)) continue;
    writes.push({ key: Buffer.from(key, 'latin1'), value: null });
  }
  if (writes.length > 0) {
    // Chromium has no such entry for an origin without items.
    const meta = items.length > 0 ? encodeMeta(Date.now(), size) : null;
    writes.push({ key: metaKey(origin), value: meta });
  }
  return writes;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function explain(error: unknown, userDataDir: string): HoldfastError {
  if (error instanceof LevelDBFormatError) {
    return new HoldfastError(
      'PROFILE_DAMAGED',
      `The localStorage of the browser profile ${userDataDir} is damaged: ${error.message}.`,
      { cause: error },
    );
  }
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new HoldfastError(
    'DATA_PATH_UNUSABLE',
    `The localStorage of the browser profile ${userDataDir} cannot be written: ${message}. ` +
      'Nothing was changed. Make it readable and writable for this user, and see that the disk ' +
      'is not full.',
    { cause: error, transient: code === 'ENOSPC' || code === 'EDQUOT' },
  );
}
