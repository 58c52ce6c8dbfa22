import type { BigIntStats } from 'node:fs';

/** By what a file is told apart from itself at another time, without reading it. */
export interface FileStamp {
  size: number;
  /** Stays while the file is appended to; another file under the same name has another. */
  identity: string;
  /** Changes whenever the content changes; see {@link tellingText} for how soon after. */
  text: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
}

/** The coarsest time of a file in use: exFAT's. */
const COARSEST_TIME_MS = 2000;

export function stampOf(stats: BigIntStats): FileStamp {
  // Inodes are given again at once, and where times are coarse a database that was made anew has the
  // size and time of the one before. Where nobody knows when a file was made, Node.js says when it
  // was last changed: then it is read more often than need be.
  const identity = `${stats.ino}.${stats.birthtimeNs}`;
  return {
    size: Number(stats.size),
    identity,
    text: `${identity}.${stats.size}.${stats.mtimeNs}`,
    modifiedAt: Number(stats.mtimeMs),
  };
}

/**
 * The text of a stamp, for a file that may be written in place; null while a further write could
 * leave the stamp as it is, because the file was written so shortly before.
 */
export function tellingText({ text, modifiedAt }: FileStamp): string | null {
  return Math.abs(Date.now() - modifiedAt) > COARSEST_TIME_MS ? text : null;
}
