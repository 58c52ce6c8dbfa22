import type { BigIntStats } from 'node:fs';

/** By what a file is told apart from itself at another time, without reading it. */
export interface FileStamp {
  size: number;
  /** Stays while the file is appended to; another file under the same name mostly has another. */
  identity: string;
  /** Changes whenever the content changes; see {@link tellingText} for how soon after. */
  text: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
}

/** The coarsest time of a file in use: exFAT's. */
const COARSEST_TIME_MS = 2000;

export function stampOf(stats: BigIntStats): FileStamp {
  const identity = String(stats.ino);
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
