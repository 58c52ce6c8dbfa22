import path from 'node:path';
import { filesBelow } from './files.js';

const LOOK_EVERY_MS = 1000;

/** Name (with its inode: names are used again) to length. */
export type Sizes = Map<string, number>;

export function sizesBelow(base: string, folders: readonly string[]): Sizes {
  const sizes: Sizes = new Map();
  for (const folder of folders) {
    for (const { path: file, stats } of filesBelow(path.join(base, folder))) {
      sizes.set(`${file} ${stats.ino}`, stats.size);
    }
  }
  return sizes;
}

/** Bytes of what is new or has grown; unlike `compare` it reads no file. */
export function growth(before: Sizes, now: Sizes): number {
  let bytes = 0;
  for (const [file, size] of now) bytes += Math.max(0, size - (before.get(file) ?? 0));
  return bytes;
}

/** Adds up, second by second, what a browser writes to some folders of its profile. */
export class GrowthWatch {
  #sizes: Sizes;
  #bytes = 0;
  readonly #looking: ReturnType<typeof setInterval>;

  constructor(
    private readonly base: string,
    private readonly folders: readonly string[],
  ) {
    this.#sizes = sizesBelow(base, folders);
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Ends it; says what it has added up. */
  stop(): number {
    clearInterval(this.#looking);
    this.#look();
    return this.#bytes;
  }

  #look(): void {
    const now = sizesBelow(this.base, this.folders);
    this.#bytes += growth(this.#sizes, now);
    this.#sizes = now;
  }
}
