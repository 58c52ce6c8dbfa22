/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const MUTATIONS = ['flip', 'set', 'cut', 'insert', 'repeat', 'zero', 'remove', 'splice'] as const;
const NASTY_BYTES = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xff];

/**
 * Damages bytes in one to four of the ways in which disks, crashes and attackers do.
 *
 * @param boundaries offsets at which the format's parts begin: hit as often as all others
 * @param donors what pieces are spliced in from
 */
export function mutate(
  original: Uint8Array,
  random: Random,
  boundaries: readonly number[],
  donors: readonly Uint8Array[],
): Buffer {
  let bytes = Buffer.from(original);
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const offset = () =>
      boundaries.length > 0 && random.below(2) === 0
        ? Math.min(random.pick(boundaries), bytes.length)
        : random.below(bytes.length + 1);
    const [start, end] = [offset(), offset()].sort((a, b) => a - b) as [number, number];
    const near = Math.min(bytes.length, start + random.below(40));
    const stop = random.below(3) === 0 ? end : near;
    const before = bytes.subarray(0, start);
    switch (random.pick(MUTATIONS)) {
      case 'flip':
        if (start < bytes.length) bytes[start] = (bytes[start] ?? 0) ^ (1 << random.below(8));
        break;
      case 'set':
        if (start < bytes.length) bytes[start] = random.pick(NASTY_BYTES);
        break;
      case 'cut':
        bytes = before;
        break;
      case 'insert': {
        const piece = Buffer.from(
          Array.from({ length: random.below(20) }, () => random.below(256)),
        );
        bytes = Buffer.concat([before, piece, bytes.subarray(start)]);
        break;
      }
      case 'repeat':
        bytes = Buffer.concat([bytes.subarray(0, stop), bytes.subarray(start)]);
        break;
      case 'zero':
        bytes.fill(0, start, stop);
        break;
      case 'remove':
        bytes = Buffer.concat([before, bytes.subarray(stop)]);
        break;
      case 'splice': {
        const donor = random.pick(donors);
        const from = random.below(donor.length);
        const piece = donor.subarray(from, from + random.below(200));
        bytes = Buffer.concat([before, piece, bytes.subarray(random.below(2) ? start : stop)]);
      }
    }
  }
  return bytes;
}
