import { ByteReader, LevelDBFormatError } from './byte-reader.js';

/** A table ends in two block handles, padding and a number (doc/table_format.md). */
export const FOOTER_SIZE = 48;
const MAGIC = 0xdb4775248b80fb57n;

/** Where a block lies in its table; its trailer follows it. */
export interface BlockHandle {
  offset: number;
  size: number;
}

export interface Footer {
  metaIndex: BlockHandle;
  index: BlockHandle;
}

/** Decodes the last {@link FOOTER_SIZE} bytes of a table. Throws {@link LevelDBFormatError}. */
export function decodeFooter(bytes: Uint8Array): Footer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getBigUint64(FOOTER_SIZE - 8, true) !== MAGIC) {
    throw new LevelDBFormatError('does not end as a table does');
  }
  const reader = new ByteReader(bytes);
  return { metaIndex: readHandle(reader), index: readHandle(reader) };
}

/** Decodes the value of an entry of an index. Throws {@link LevelDBFormatError}. */
export function decodeBlockHandle(bytes: Uint8Array): BlockHandle {
  return readHandle(new ByteReader(bytes));
}

function readHandle(reader: ByteReader): BlockHandle {
  const what = 'the place of a block';
  return { offset: reader.varint(what), size: reader.varint(what) };
}
