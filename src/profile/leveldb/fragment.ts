import { crc32c, unmaskCrc } from './crc32c.js';
import { FragmentType, HEADER_SIZE, nextBlock, TYPE_OFFSET } from './record-log-format.js';

/** A fragment whose length and CRC hold. */
export interface Fragment {
  type: number;
  payload: Uint8Array;
  /** Offset behind its last byte. */
  end: number;
}

/** Reads the fragment at `offset`, or says in field terms why there is none. */
export function readFragment(bytes: Uint8Array, offset: number): Fragment | string {
  const payloadStart = offset + HEADER_SIZE;
  if (payloadStart > bytes.length) return 'a record header is cut off by the end of the file';

  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, HEADER_SIZE);
  const length = view.getUint16(4, true);
  const type = view.getUint8(TYPE_OFFSET);
  const end = payloadStart + length;
  if (end > bytes.length) return 'a record is cut off by the end of the file';
  if (end > nextBlock(offset)) return 'a record reaches past its block';

  // LevelDB passes over such a header and the rest of its block without a word
  // (kZeroType in db/log_reader.cc), whatever lies there.
  if (type === FragmentType.ZERO && length === 0) return 'zeros in place of a record';

  if (unmaskCrc(view.getUint32(0, true)) !== crc32c(bytes, offset + TYPE_OFFSET, end)) {
    return 'the checksum of a record does not match';
  }
  if (type < FragmentType.FULL || type > FragmentType.LAST) return `unknown record type ${type}`;
  return { type, payload: bytes.subarray(payloadStart, end), end };
}
