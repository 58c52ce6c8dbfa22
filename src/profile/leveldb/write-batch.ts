import { ByteReader, LevelDBFormatError } from './byte-reader.js';
import { encodeSlice } from './encodings.js';
import { WriteType } from './internal-key.js';

/** Sequence number (u64) and count of writes (u32), little-endian (db/write_batch.cc). */
const HEADER_SIZE = 12;

/** The place of a log's record in the sequence of all writes to the database. */
export interface WriteBatchHeader {
  /** Of its first write. */
  sequence: number;
  /** How many writes it holds, each of which takes a sequence number. */
  count: number;
}

/** One write of a batch; a value of null deletes. */
export interface Write {
  key: Uint8Array;
  value: Uint8Array | null;
}

/** Reads the header of a log's record; undefined when it is too short to be a batch of writes. */
export function readWriteBatchHeader(record: Uint8Array): WriteBatchHeader | undefined {
  if (record.length < HEADER_SIZE) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, HEADER_SIZE);
  return { sequence: Number(view.getBigUint64(0, true)), count: view.getUint32(8, true) };
}

/**
 * The writes of a log's record in their order, as views; the first has the sequence number of the
 * header, each further one the next. Throws {@link LevelDBFormatError}.
 */
export function* readWrites(record: Uint8Array): Generator<Write, void> {
  const count = readWriteBatchHeader(record)?.count;
  if (count === undefined) throw new LevelDBFormatError('a batch of writes is too short');
  const reader = new ByteReader(record.subarray(HEADER_SIZE));
  let found = 0;
  for (; !reader.done; found++) {
    const type = reader.byte('a write');
    if (type !== WriteType.PUT && type !== WriteType.DELETE) {
      throw new LevelDBFormatError(`a batch holds a write of the unknown type ${type}`);
    }
    const key = reader.slice('the key of a write');
    yield { key, value: type === WriteType.PUT ? reader.slice('the value of a write') : null };
  }
  if (found !== count) {
    throw new LevelDBFormatError(`a batch holds ${found} writes where it says ${count}`);
  }
}

/**
 * The record that holds these writes.
 *
 * @param sequence Of the first one; it must be above every number that the database has used.
 */
export function encodeWriteBatch(sequence: number, operations: readonly Write[]): Uint8Array {
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeBigUInt64LE(BigInt(sequence), 0);
  header.writeUInt32LE(operations.length, 8);
  const writes = operations.flatMap(({ key, value }) =>
    value === null
      ? [Uint8Array.of(WriteType.DELETE), encodeSlice(key)]
      : [Uint8Array.of(WriteType.PUT), encodeSlice(key), encodeSlice(value)],
  );
  return Buffer.concat([header, ...writes]);
}
