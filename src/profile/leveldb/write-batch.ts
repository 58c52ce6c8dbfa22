/** Sequence number (u64) and count of writes (u32), little-endian (db/write_batch.cc). */
const HEADER_SIZE = 12;

/** The place of a log's record in the sequence of all writes to the database. */
export interface WriteBatchHeader {
  /** Of its first write. */
  sequence: number;
  /** How many writes it holds, each of which takes a sequence number. */
  count: number;
}

/** Reads the header of a log's record; undefined when it is too short to be a batch of writes. */
export function readWriteBatchHeader(record: Uint8Array): WriteBatchHeader | undefined {
  if (record.length < HEADER_SIZE) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, HEADER_SIZE);
  return { sequence: Number(view.getBigUint64(0, true)), count: view.getUint32(8, true) };
}
