import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord } from '../../../src/profile/leveldb/record-log-writer.js';

/** A record log that holds `records`. */
export function recordLog(records: Uint8Array[]): Buffer {
  let log = Buffer.alloc(0);
  for (const record of records) log = Buffer.concat([log, encodeRecord(record, log.length)]);
  return log;
}

/** The record of one put, at its place in the sequence of writes. */
export function writeBatch(sequence: number, key: string, value: string): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(BigInt(sequence), 0);
  header.writeUInt32LE(1, 8);
  return Buffer.concat([header, Buffer.from([1]), slice(key), slice(value)]);
}

export interface EditFields {
  comparator?: string;
  logNumber?: number;
  previousLogNumber?: number;
  nextFileNumber?: number;
  lastSequence?: number;
  deletedTables?: [level: number, number: number][];
  newTables?: [level: number, number: number, size: number][];
}

/** A VersionEdit as LevelDB writes it (db/version_edit.cc). */
export function versionEdit(edit: EditFields): Buffer {
  const parts: Buffer[] = [];
  const put = (tag: number, ...values: Buffer[]) => parts.push(varint(tag), ...values);
  if (edit.comparator !== undefined) put(1, slice(edit.comparator));
  if (edit.logNumber !== undefined) put(2, varint(edit.logNumber));
  if (edit.previousLogNumber !== undefined) put(9, varint(edit.previousLogNumber));
  if (edit.nextFileNumber !== undefined) put(3, varint(edit.nextFileNumber));
  if (edit.lastSequence !== undefined) put(4, varint(edit.lastSequence));
  for (const [level, number] of edit.deletedTables ?? []) put(6, varint(level), varint(number));
  for (const [level, number, size] of edit.newTables ?? []) {
    put(7, varint(level), varint(number), varint(size), slice('a'), slice('z'));
  }
  return Buffer.concat(parts);
}

/** A file that passes for a table of `size` bytes. */
export function table(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeBigUInt64LE(0xdb4775248b80fb57n, size - 8);
  return bytes;
}

/**
 * Writes a database into `dir`: two tables, the second one only in the newer edit, and log 6 with
 * ten writes. `files` replaces files, or removes them when undefined.
 */
export async function writeDatabase(
  dir: string,
  files: Record<string, Buffer | string | undefined> = {},
): Promise<void> {
  await mkdir(dir, { recursive: true });
  const all = { ...databaseFiles(), ...files };
  for (const [name, content] of Object.entries(all)) {
    if (content !== undefined) await writeFile(join(dir, name), content);
  }
}

export function databaseFiles() {
  return {
    CURRENT: 'MANIFEST-000001\n',
    LOCK: '',
    'MANIFEST-000001': recordLog([
      versionEdit({ comparator: 'idb_cmp1', logNumber: 0, nextFileNumber: 2, lastSequence: 0 }),
      versionEdit({ logNumber: 4, nextFileNumber: 6, lastSequence: 50, newTables: [[0, 5, 300]] }),
      versionEdit({ logNumber: 6, nextFileNumber: 9, lastSequence: 100, newTables: [[0, 7, 200]] }),
    ]),
    '000005.ldb': table(300),
    '000007.ldb': table(200),
    '000006.log': recordLog(writeBatches(101, 10)),
  };
}

export function writeBatches(firstSequence: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) =>
    writeBatch(firstSequence + index, `key ${index}`, `value ${index}`),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

function slice(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([varint(bytes.length), bytes]);
}
