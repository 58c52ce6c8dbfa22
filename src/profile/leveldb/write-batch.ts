/** Sequence number (u64) and count of writes (u32), little-endian (db/write_batch.cc). */
const HEADER_SIZE = 12;

/** The sequence number of the first write in a record of a log; undefined when it is no batch. */
export function sequenceOfWriteBatch(record: Uint8Array): number | undefined {
  if (record.length < HEADER_SIZE) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, HEADER_SIZE);
  return Number(view.getBigUint64(0, true));
}
