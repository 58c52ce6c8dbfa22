import type { BigIntStats } from 'node:fs';

/** By what a file is told apart from itself at another time, without reading it. */
export interface FileStamp {
  size: number;
  /** Stays while the file is appended to; another file under the same name mostly has another. */
  identity: string;
  /** Changes whenever the content changes. */
  text: string;
}

export function stampOf(stats: BigIntStats): FileStamp {
  const identity = String(stats.ino);
  return {
    size: Number(stats.size),
    identity,
    text: `${identity}.${stats.size}.${stats.mtimeNs}`,
  };
}
