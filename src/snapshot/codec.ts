import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { MAX_COMPRESSED_BYTES } from './format.js';

/**
 * The first byte of a blob says how the rest is to be read. Only what every supported Node reads is
 * written: zstd is in Node from 22.15 on, and a session saved there must open on 20.
 */
const RAW = 0;
const DEFLATE = 1;

/** Fast and nearly as small as the others, for some KB. */
const LEVEL = 1;
/** Compression that saves less than a tenth is not worth undoing. */
const WORTHWHILE = 0.9;

/**
 * - `never`: for what is compressed already, such as LevelDB's tables
 * - `if small`: what is larger would take more time than it saves
 * - `always`
 */
export type Compression = 'never' | 'if small' | 'always';

/** @returns the blob in parts, so that large content need not be copied */
export function encodeBlob(content: Uint8Array, compression: Compression): Uint8Array[] {
  const isSmall = content.length <= MAX_COMPRESSED_BYTES;
  if (compression === 'always' || (compression === 'if small' && isSmall)) {
    const deflated = deflateRawSync(content, { level: LEVEL });
    if (deflated.length < content.length * WORTHWHILE) return [Uint8Array.of(DEFLATE), deflated];
  }
  return [Uint8Array.of(RAW), content];
}

/** @returns undefined when it does not give exactly `length` bytes */
export function decodeBlob(blob: Uint8Array, length: number): Uint8Array | undefined {
  const content = blob.subarray(1);
  if (blob[0] === RAW) return content.length === length ? content : undefined;
  if (blob[0] !== DEFLATE) return undefined;
  try {
    const inflated = inflateRawSync(content, { maxOutputLength: Math.max(1, length) });
    return inflated.length === length ? inflated : undefined;
  } catch {
    return undefined;
  }
}
