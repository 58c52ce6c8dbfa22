/**
 * The layout that LevelDB's `.log` and `MANIFEST` files share (doc/log_format.md).
 *
 * A file is a row of 32 KiB blocks. A block holds fragments: a header (masked CRC-32C of type and
 * payload, u32; payload length, u16; type, u8; all little-endian) and the payload. A record is one
 * FULL fragment, or FIRST, any number of MIDDLE, LAST. No fragment crosses a block boundary. The
 * last bytes of a block that cannot hold a header are its trailer, which nothing reads.
 */
export const BLOCK_SIZE = 32 * 1024;
export const HEADER_SIZE = 7;
/** Of the type in a header; the checksum covers the bytes from here on. */
export const TYPE_OFFSET = 6;

export const FragmentType = {
  /** Not written by anyone: what a region that was allocated but never written reads as. */
  ZERO: 0,
  FULL: 1,
  FIRST: 2,
  MIDDLE: 3,
  LAST: 4,
} as const;

/** Where the block after the one that holds `offset` begins. */
export function nextBlock(offset: number): number {
  return offset - (offset % BLOCK_SIZE) + BLOCK_SIZE;
}

/** Where the next fragment at or after `offset` begins: trailers are skipped. */
export function skipTrailer(offset: number): number {
  const end = nextBlock(offset);
  return end - offset < HEADER_SIZE ? end : offset;
}
