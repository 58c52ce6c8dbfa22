/**
 * The numbers and names of the format that `docs/format.md` describes. A reader refuses what has
 * another version; whatever changes the meaning of bytes changes it.
 */
export const FORMAT_VERSION = 1;

/** Tables of Chromium's databases are a little over 2 MiB: most are one chunk. */
export const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

/** A pack that has this much takes no further chunk; larger ones would only take more memory. */
export const ENOUGH_FOR_A_PACK = 4 * 1024 * 1024;

/** A log's pieces below this are joined when there are many; see `log-pieces.ts`. */
export const SMALL_PIECE_BYTES = 24 * 1024;
export const MAX_SMALL_PIECES = 8;
export const MAX_JOINED_BYTES = 48 * 1024;

/** A profile with so many files that its list is longer is not saved. */
export const MAX_MANIFEST_BYTES = 32 * 1024 * 1024;

/** Chunks are compressed only when they are this small: a log's new end, and takes no time. */
export const MAX_COMPRESSED_BYTES = 64 * 1024;

const HEADS = 'heads/';
const KEYS = 'keys/';
const PACKS = 'packs/';

export const HEADS_PREFIX = HEADS;
export const PACKS_PREFIX = PACKS;

export function headKey(session: string): string {
  return HEADS + session;
}

export function keyKey(session: string): string {
  return KEYS + session;
}

export function packsPrefix(session: string): string {
  return `${PACKS}${session}/`;
}

export function packKey(session: string, pack: string): string {
  return packsPrefix(session) + pack;
}

/** Which writer made a pack, in which save, and the how manieth of it. */
export interface PackNumbers {
  generation: number;
  sequence: number;
  number: number;
}

export function packName({ generation, sequence, number }: PackNumbers): string {
  return `${generation}-${sequence}-${number}`;
}

/** Undefined for what is no pack's name. */
export function parsePackName(name: string): PackNumbers | undefined {
  const match = /^([1-9]\d{0,14})-([1-9]\d{0,14})-(0|[1-9]\d{0,14})$/.exec(name);
  if (!match) return undefined;
  const [generation = 0, sequence = 0, number = 0] = match.slice(1).map(Number);
  return { generation, sequence, number };
}

export function comparePacks(a: PackNumbers, b: PackNumbers): number {
  return a.generation - b.generation || a.sequence - b.sequence || a.number - b.number;
}
