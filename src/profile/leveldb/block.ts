import { ByteReader, LevelDBFormatError } from './byte-reader.js';
import { crc32c, unmaskCrc } from './crc32c.js';
import { decodeSnappy } from './snappy.js';

/** Behind each block: how it is compressed (u8), and a masked CRC-32C of the block and that byte. */
export const BLOCK_TRAILER_SIZE = 5;

/** CompressionType in include/leveldb/options.h. Chromium writes only these two. */
const Compression = { NONE: 0, SNAPPY: 1 } as const;

const RESTART_SIZE = 4;

/**
 * The longest keys that a block may unfold to, as a multiple of its size. LevelDB begins a key
 * anew every 16 entries; without a limit a block made to be slow would take days.
 */
const MAX_KEY_EXPANSION = 256;

/**
 * Verifies a block as it lies in a table and undoes its compression. Throws
 * {@link LevelDBFormatError}.
 *
 * @param stored the block with its trailer
 */
export function openBlock(stored: Uint8Array): Uint8Array {
  const end = stored.length - BLOCK_TRAILER_SIZE;
  const trailer = new ByteReader(stored.subarray(end));
  const compression = trailer.byte('the compression of a block');
  const crc = trailer.uint(4, 'the checksum of a block');
  if (unmaskCrc(crc) !== crc32c(stored, 0, end + 1)) {
    throw new LevelDBFormatError('the checksum of a block does not match');
  }
  const block = stored.subarray(0, end);
  if (compression === Compression.NONE) return block;
  if (compression === Compression.SNAPPY) return decodeSnappy(block);
  throw new LevelDBFormatError(`a block has the unknown compression ${compression}`);
}

export interface BlockEntry {
  key: Uint8Array;
  value: Uint8Array;
}

/**
 * The entries of a block (doc/table_format.md, table/block_builder.cc): each names how many bytes
 * of the key before it it shares; at the end lie the offsets of those that share none. Throws
 * {@link LevelDBFormatError} at the first that does not fit.
 */
export function* readBlockEntries(block: Uint8Array): Generator<BlockEntry> {
  const { entries, restarts } = splitBlock(block);
  const reader = new ByteReader(entries);
  const pending = restarts.values();
  let restart = pending.next().value;
  let key: Uint8Array = new Uint8Array();
  let unfolded = 0;
  while (!reader.done) {
    const at = reader.at;
    const shared = reader.varint('the shared length of a key');
    const unshared = reader.varint('the length of a key');
    const valueLength = reader.varint('the length of a value');
    if (shared > key.length) throw new LevelDBFormatError('a key shares more than there is');
    if (at === restart) {
      if (shared > 0) throw new LevelDBFormatError('a key that begins anew shares some of another');
      restart = pending.next().value;
    }
    const rest = reader.take(unshared, 'a key');
    unfolded += shared + unshared;
    if (unfolded > block.length * MAX_KEY_EXPANSION) {
      throw new LevelDBFormatError('the keys of a block are out of all proportion');
    }
    key = shared === 0 ? rest : Buffer.concat([key.subarray(0, shared), rest]);
    yield { key, value: reader.take(valueLength, 'a value') };
  }
  if (restart !== undefined && restart !== 0) {
    throw new LevelDBFormatError('no key begins where one should begin anew');
  }
}

function splitBlock(block: Uint8Array): { entries: Uint8Array; restarts: number[] } {
  const countAt = block.length - RESTART_SIZE;
  if (countAt < 0) throw new LevelDBFormatError('a block is too short');
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const count = view.getUint32(countAt, true);
  const end = countAt - count * RESTART_SIZE;
  if (end < 0) throw new LevelDBFormatError('a block has more restarts than it can hold');
  const restarts = Array.from({ length: count }, (_, index) =>
    view.getUint32(end + index * RESTART_SIZE, true),
  );
  return { entries: block.subarray(0, end), restarts };
}
