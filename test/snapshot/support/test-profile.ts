import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  CapturedFile,
  CapturedLiveValues,
  CapturedProfile,
} from '../../../src/profile/capture/captured-profile.js';
import { encodeRecord } from '../../../src/profile/leveldb/record-log-writer.js';
import { recordLog, versionEdit, writeBatch } from '../../profile/support/leveldb-writer.js';
import { tableOf } from '../../profile/support/table-writer.js';

export const INDEXED_DB = 'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb';
export const LOCAL_STORAGE = 'Default/Local Storage/leveldb';
export const BLOBS = 'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.blob';
export const CACHE = 'Default/Service Worker/CacheStorage';

interface TestFile {
  bytes: Buffer;
  kind: CapturedFile['kind'];
  inode: number;
  version: number;
}

/** No two files have one, also of two profiles. */
let inodes = 1;

interface TestDatabase {
  nextNumber: number;
  sequence: number;
  log: number;
  manifest: Buffer;
  tables: { number: number; size: number }[];
}

/** What a database is compared by; IndexedDB has one of its own. */
const COMPARATORS: Record<string, string> = {
  [INDEXED_DB]: 'idb_cmp1',
  [LOCAL_STORAGE]: 'leveldb.BytewiseComparator',
};

/**
 * A Chromium profile in memory: databases that LevelDB opens, whose logs grow and whose tables come
 * and go, captured as ProfileCapturer does it, without a disk.
 */
export class TestProfile {
  /** How often the content of a file was read, by path. */
  readonly reads = new Map<string, number>();
  /** The bytes appended since the last capture. */
  appended = 0;
  live: CapturedLiveValues = { state: 'not-needed' };
  readonly #files = new Map<string, TestFile>();
  readonly #databases = new Map<string, TestDatabase>();
  #random: () => number;

  constructor(seed = 1) {
    this.#random = mulberry32(seed);
    for (const folder of [INDEXED_DB, LOCAL_STORAGE]) this.#create(folder);
  }

  /** Appends one write of so many random bytes to the log. */
  append(folder = INDEXED_DB, bytes = 100): void {
    const database = this.#database(folder);
    const name = `${folder}/${numbered(database.log, 'log')}`;
    const before = this.bytesOf(name);
    const value = this.randomBytes(bytes).toString('latin1');
    const batch = writeBatch(++database.sequence, `key ${database.sequence % 50}`, value);
    const record = encodeRecord(batch, before.length);
    this.appended += record.length;
    this.#put(name, Buffer.concat([before, record]), 'growing');
  }

  /**
   * What LevelDB does when a log is full: its writes become a table, tables are merged into new
   * ones, and the old files go.
   *
   * @param replaced tables that go, the oldest first
   * @param added sizes of the tables that come; random bytes, so nothing of them is there already
   */
  compact(replaced: number, added: readonly number[], folder = INDEXED_DB): void {
    const database = this.#database(folder);
    const gone = database.tables.splice(0, replaced);
    const newTables = added.map((size) => this.#table(folder, database, size));
    const log = database.nextNumber++;
    const edit = versionEdit({
      logNumber: log,
      nextFileNumber: database.nextNumber,
      lastSequence: database.sequence,
      deletedTables: gone.map(({ number }) => [0, number]),
      newTables: newTables.map(({ number, size }) => [0, number, size]),
    });
    database.tables.push(...newTables);
    database.manifest = Buffer.concat([
      database.manifest,
      encodeRecord(edit, database.manifest.length),
    ]);
    this.#put(`${folder}/MANIFEST-000001`, database.manifest, 'growing');
    for (const { number } of gone) this.remove(`${folder}/${numbered(number, 'ldb')}`);
    this.remove(`${folder}/${numbered(database.log, 'log')}`);
    database.log = log;
    this.#put(`${folder}/${numbered(log, 'log')}`, Buffer.alloc(0), 'growing');
  }

  /** A file on its own, such as an entry of a cache. */
  set(path: string, content: Uint8Array | string, kind: CapturedFile['kind'] = 'changing'): void {
    this.#put(path, Buffer.from(content), kind);
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  setLocalStorage(items: Record<string, string>, cookies: Record<string, unknown>[] = []): void {
    const sorted = Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1));
    const localStorage = [{ origin: 'https://web.whatsapp.com', items: sorted }];
    this.live = { state: 'included', values: { localStorage, cookies } };
  }

  randomBytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at++) bytes[at] = Math.floor(this.#random() * 256);
    return bytes;
  }

  get size(): number {
    let size = 0;
    for (const { bytes } of this.#files.values()) size += bytes.length;
    return size;
  }

  /** The profile as it is now; what becomes of it afterwards does not matter. */
  capture(): CapturedProfile {
    this.appended = 0;
    const files = [...this.#files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, file]) => this.#captured(path, file));
    return {
      files,
      live: this.live,
      browserVersion: '156.0.8078.73',
      leftOut: [],
      release: async () => undefined,
    };
  }

  /** Hashes of the content of every file, by path. */
  digests(): Map<string, string> {
    return new Map(
      [...this.#files]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, { bytes }]) => [path, digestOf(bytes)]),
    );
  }

  bytesOf(path: string): Buffer {
    return this.#files.get(path)?.bytes ?? Buffer.alloc(0);
  }

  async writeTo(userDataDir: string): Promise<void> {
    for (const [path, { bytes }] of this.#files) {
      await mkdir(dirname(join(userDataDir, path)), { recursive: true });
      await writeFile(join(userDataDir, path), bytes);
    }
  }

  #create(folder: string): void {
    const edits = [
      { comparator: COMPARATORS[folder], logNumber: 0, nextFileNumber: 2, lastSequence: 0 },
      { logNumber: 2, nextFileNumber: 3, lastSequence: 0 },
    ];
    const manifest = recordLog(
      edits.map(({ comparator, ...edit }) =>
        versionEdit(comparator === undefined ? edit : { ...edit, comparator }),
      ),
    );
    this.#databases.set(folder, { nextNumber: 3, sequence: 0, log: 2, manifest, tables: [] });
    this.#put(`${folder}/CURRENT`, Buffer.from('MANIFEST-000001\n'), 'changing');
    this.#put(`${folder}/MANIFEST-000001`, manifest, 'growing');
    this.#put(`${folder}/000002.log`, Buffer.alloc(0), 'growing');
    this.append(folder);
  }

  #table(folder: string, database: TestDatabase, size: number): { number: number; size: number } {
    const number = database.nextNumber++;
    const value = this.randomBytes(size);
    const sequence = ++database.sequence;
    const bytes = tableOf([[`table ${number}`, sequence, value]]);
    this.#put(`${folder}/${numbered(number, 'ldb')}`, bytes, 'fixed');
    return { number, size: bytes.length };
  }

  #database(folder: string): TestDatabase {
    const database = this.#databases.get(folder);
    if (!database) throw new Error(`no database ${folder}`);
    return database;
  }

  #put(path: string, bytes: Buffer, kind: CapturedFile['kind']): void {
    const before = this.#files.get(path);
    const inode = before?.inode ?? inodes++;
    this.#files.set(path, { bytes, kind, inode, version: (before?.version ?? 0) + 1 });
  }

  #captured(path: string, { bytes, kind, inode, version }: TestFile): CapturedFile {
    return {
      path,
      size: bytes.length,
      kind,
      identity: String(inode),
      stamp: `${inode}.${bytes.length}.${version}`,
      read: async (target, position) => {
        this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
        target.set(bytes.subarray(position, position + target.length));
      },
      isSettled: async () => true,
    };
  }
}

/** A profile with a bit of everything, of about `bytes` bytes. */
export function smallProfile(bytes = 20_000, seed = 1): TestProfile {
  const profile = new TestProfile(seed);
  profile.compact(0, [Math.floor(bytes / 2)]);
  for (let write = 0; write < 5; write++) profile.append(INDEXED_DB, Math.floor(bytes / 20));
  profile.set(`${BLOBS}/1/00/1`, profile.randomBytes(Math.floor(bytes / 10)), 'fixed');
  profile.set(`${CACHE}/abc/1_0`, 'an entry of a cache '.repeat(30));
  return profile;
}

const digests = new WeakMap<Uint8Array, string>();

/** The bytes must not change afterwards. */
export function digestOf(bytes: Uint8Array): string {
  const digest = digests.get(bytes) ?? createHash('sha256').update(bytes).digest('base64url');
  digests.set(bytes, digest);
  return digest;
}

/** Numbers from 0 to 1, the same ones for the same seed. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function numbered(number: number, suffix: string): string {
  return `${String(number).padStart(6, '0')}.${suffix}`;
}
