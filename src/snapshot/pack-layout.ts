import { createHash } from 'node:crypto';
import { MAX_OBJECT_BYTES } from '../objects/object-store.js';
import { FORMAT_VERSION } from './format.js';
import type { BlobRef } from './manifest.js';

/**
 * A pack is a header, blobs one after the other, and a trailer.
 *
 * Header, 16 bytes: `HFPK`, format version, 1 if sealed, two zeros, and the first 8 bytes of
 * SHA-256 of `<session>\0<pack>`, by which a pack that lies under another's name is recognised.
 *
 * Trailer, 32 bytes: where the manifest is that the pack ends with (offset, stored length and
 * length, u32 little-endian each; its id, 16 bytes), or zeros, and `HFPE`. Only what lost its head
 * is found by it.
 */
export const PACK_HEADER_BYTES = 16;
export const PACK_TRAILER_BYTES = 32;
/** For blobs. */
export const PACK_ROOM = MAX_OBJECT_BYTES - PACK_HEADER_BYTES - PACK_TRAILER_BYTES;

const HEADER_MAGIC = 'HFPK';
const TRAILER_MAGIC = 'HFPE';
const ID_BYTES = 16;

export function packHeader(session: string, pack: string, isSealed: boolean): Uint8Array {
  const header = Buffer.alloc(PACK_HEADER_BYTES);
  header.write(HEADER_MAGIC, 'latin1');
  header[4] = FORMAT_VERSION;
  header[5] = isSealed ? 1 : 0;
  createHash('sha256').update(`${session}\0${pack}`).digest().copy(header, 8, 0, 8);
  return header;
}

export type HeaderFlaw = 'no pack' | 'unknown format' | 'of another place' | 'otherwise sealed';

/** What is wrong with a pack's first bytes, if anything. */
export function findHeaderFlaw(
  header: Uint8Array,
  session: string,
  pack: string,
  isSealed: boolean,
): HeaderFlaw | undefined {
  const bytes = Buffer.from(header);
  if (bytes.length < PACK_HEADER_BYTES) return 'no pack';
  if (bytes.toString('latin1', 0, 4) !== HEADER_MAGIC) return 'no pack';
  if (bytes[4] !== FORMAT_VERSION) return 'unknown format';
  if (!bytes.subarray(8).equals(packHeader(session, pack, isSealed).subarray(8))) {
    return 'of another place';
  }
  if (!bytes.equals(Buffer.from(packHeader(session, pack, isSealed)))) return 'otherwise sealed';
  return undefined;
}

/** Whether a pack with this header is sealed; undefined when it is no pack's header. */
export function saysSealed(header: ArrayLike<number>): boolean | undefined {
  const bytes = Buffer.from(Array.from(header));
  const isPack =
    bytes.length === PACK_HEADER_BYTES && bytes.toString('latin1', 0, 4) === HEADER_MAGIC;
  return isPack ? bytes[5] === 1 : undefined;
}

export function packTrailer(manifest: BlobRef | null): Uint8Array {
  const trailer = Buffer.alloc(PACK_TRAILER_BYTES);
  trailer.write(TRAILER_MAGIC, PACK_TRAILER_BYTES - TRAILER_MAGIC.length, 'latin1');
  if (manifest === null) return trailer;
  trailer.writeUInt32LE(manifest.offset, 0);
  trailer.writeUInt32LE(manifest.stored, 4);
  trailer.writeUInt32LE(manifest.length, 8);
  Buffer.from(manifest.id, 'base64url').copy(trailer, 12, 0, ID_BYTES);
  return trailer;
}

/** Where the manifest is by the last bytes of a pack; null when it has none; undefined: no pack. */
export function readTrailer(bytes: ArrayLike<number>, pack: string): BlobRef | null | undefined {
  const trailer = Buffer.from(Array.from(bytes));
  const magic = trailer.toString('latin1', PACK_TRAILER_BYTES - TRAILER_MAGIC.length);
  if (trailer.length !== PACK_TRAILER_BYTES || magic !== TRAILER_MAGIC) return undefined;
  const stored = trailer.readUInt32LE(4);
  if (stored === 0) return null;
  return {
    pack,
    offset: trailer.readUInt32LE(0),
    stored,
    length: trailer.readUInt32LE(8),
    id: trailer.toString('base64url', 12, 12 + ID_BYTES),
  };
}
