import { ByteReader, LevelDBFormatError } from './byte-reader.js';

/** The two low bits of an element's first byte (format_description.txt of google/snappy). */
const Element = { LITERAL: 0, COPY_1_BYTE_OFFSET: 1, COPY_2_BYTE_OFFSET: 2 } as const;

/** The densest element, a copy with a two-byte offset, makes 64 bytes of 3. */
const MAX_EXPANSION = 22;

/**
 * Decodes one Snappy block. The output is never larger than its input could make it, whatever
 * length the block claims. Throws {@link LevelDBFormatError}.
 */
export function decodeSnappy(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  const length = reader.varint('the length of a compressed block');
  if (length > bytes.length * MAX_EXPANSION) {
    throw new LevelDBFormatError('a compressed block claims more than it can hold');
  }
  const output = new Uint8Array(length);
  let at = 0;
  while (!reader.done) {
    const tag = reader.byte('an element');
    const kind = tag & 3;
    const isLiteral = kind === Element.LITERAL;
    const size = isLiteral ? literalSize(reader, tag >>> 2) : copySize(tag, kind);
    if (at + size > length) {
      throw new LevelDBFormatError('a compressed block holds more than it claims');
    }
    if (isLiteral) output.set(reader.take(size, 'a literal'), at);
    else copy(output, at, copyOffset(reader, tag, kind), size);
    at += size;
  }
  if (at < length) throw new LevelDBFormatError('a compressed block holds less than it claims');
  return output;
}

/** 0 to 59: the size less one; 60 to 63: that follows in 1 to 4 bytes. */
function literalSize(reader: ByteReader, code: number): number {
  return (code < 60 ? code : reader.uint(code - 59, 'the size of a literal')) + 1;
}

function copySize(tag: number, kind: number): number {
  return kind === Element.COPY_1_BYTE_OFFSET ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
}

function copyOffset(reader: ByteReader, tag: number, kind: number): number {
  const what = 'the offset of a copy';
  if (kind === Element.COPY_1_BYTE_OFFSET) return ((tag >>> 5) << 8) | reader.byte(what);
  return reader.uint(kind === Element.COPY_2_BYTE_OFFSET ? 2 : 4, what);
}

/** What is copied may reach into what the copy itself writes: then it repeats. */
function copy(output: Uint8Array, at: number, offset: number, size: number): void {
  if (offset === 0 || offset > at) {
    throw new LevelDBFormatError('a copy begins before the beginning of a compressed block');
  }
  for (let to = at; to < at + size; to++) output[to] = output[to - offset] as number;
}
