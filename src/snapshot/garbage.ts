/** So long a reader may take that had read the head just before a pack was given up. */
const GRACE_MS = 10_000;

/**
 * Packs that nothing refers to any more. They stay for a while, so that readers of an older head come
 * to their end, and so that most saves need no request to delete; but only as many as are allowed.
 */
export class Garbage {
  /** In the order in which they were given up. */
  readonly #packs = new Map<string, { bytes: number; since: number }>();

  /** @param since in milliseconds, of a clock that never goes back */
  add(pack: string, bytes: number, since: number): void {
    this.#packs.set(pack, { bytes, since });
  }

  /** Those to be deleted now. Above the allowance so many go that it is not reached soon again. */
  due(allowance: number, now: number): string[] {
    let left = 0;
    for (const { bytes } of this.#packs.values()) left += bytes;
    const limit = left > allowance ? allowance / 2 : allowance;
    const due: string[] = [];
    for (const [pack, { bytes, since }] of this.#packs) {
      if (left <= limit && now - since < GRACE_MS) break;
      due.push(pack);
      left -= bytes;
    }
    return due;
  }

  remove(packs: readonly string[]): void {
    for (const pack of packs) this.#packs.delete(pack);
  }
}
