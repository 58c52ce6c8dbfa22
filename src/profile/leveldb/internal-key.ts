import { LevelDBFormatError } from './byte-reader.js';

/** Behind each key of a table: `sequence << 8 | type`, u64, little-endian (db/dbformat.h). */
const SUFFIX_SIZE = 8;

/** ValueType in db/dbformat.h; also the tags of a batch's writes. */
export const WriteType = { DELETE: 0, PUT: 1 } as const;

export interface InternalKey {
  userKey: Uint8Array;
  sequence: number;
  isDeletion: boolean;
}

/** Takes the key of a table's entry apart. Throws {@link LevelDBFormatError}. */
export function decodeInternalKey(key: Uint8Array): InternalKey {
  const end = key.length - SUFFIX_SIZE;
  if (end < 0) throw new LevelDBFormatError('a key is too short');
  const view = new DataView(key.buffer, key.byteOffset + end, SUFFIX_SIZE);
  const type = view.getUint8(0);
  if (type !== WriteType.PUT && type !== WriteType.DELETE) {
    throw new LevelDBFormatError(`a key has the unknown type ${type}`);
  }
  const sequence = Number(view.getBigUint64(0, true) >> 8n);
  return { userKey: key.subarray(0, end), sequence, isDeletion: type === WriteType.DELETE };
}
