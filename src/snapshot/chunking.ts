import {
  MAX_CHUNK_BYTES,
  MAX_JOINED_BYTES,
  MAX_SMALL_PIECES,
  SMALL_PIECE_BYTES,
} from './format.js';

/** A part of a file, by offsets. */
export interface Piece {
  start: number;
  end: number;
}

/** `[start, end)` cut into chunks of the greatest size. */
export function cutEvenly(start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = start; at < end; at += MAX_CHUNK_BYTES) {
    pieces.push({ start: at, end: Math.min(end, at + MAX_CHUNK_BYTES) });
  }
  return pieces;
}

/**
 * How a log that has grown is cut: what was appended becomes a piece of its own. So that a log
 * saved every second does not become a thousand pieces, many small ones at its end are sent once
 * more as one; that is at most {@link MAX_JOINED_BYTES} in a save.
 *
 * @param lengths of the pieces stored so far
 * @returns how many of them are kept, and what is to be sent
 */
export function cutGrowth(
  lengths: readonly number[],
  size: number,
): { keep: number; send: Piece[] } {
  let keep = lengths.length;
  let start = lengths.reduce((sum, length) => sum + length, 0);
  if (start === size) return { keep, send: [] };
  let small = 0;
  while (small < keep && (lengths[keep - 1 - small] ?? 0) < SMALL_PIECE_BYTES) small++;
  if (small >= MAX_SMALL_PIECES) {
    let joined = 0;
    for (;;) {
      const length = lengths[keep - 1];
      if (length === undefined || joined + length > MAX_JOINED_BYTES) break;
      joined += length;
      keep--;
    }
    start -= joined;
  }
  return { keep, send: cutEvenly(start, size) };
}
