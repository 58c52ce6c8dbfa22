import { crc32c, maskCrc } from './crc32c.js';
import {
  FragmentType,
  HEADER_SIZE,
  nextBlock,
  skipTrailer,
  TYPE_OFFSET,
} from './record-log-format.js';

/**
 * The bytes to append to a record log so that it holds `record` too.
 *
 * @param logSize Length of the log so far, in bytes; it must end with a whole record.
 */
export function encodeRecord(record: Uint8Array, logSize: number): Uint8Array {
  let at = skipTrailer(logSize);
  const parts: Uint8Array[] = [new Uint8Array(at - logSize)];
  let rest = record;
  let isFirst = true;
  do {
    const payload = rest.subarray(0, nextBlock(at) - at - HEADER_SIZE);
    rest = rest.subarray(payload.length);
    parts.push(encodeFragment(fragmentType(isFirst, rest.length === 0), payload));
    isFirst = false;
    at += HEADER_SIZE + payload.length;
  } while (rest.length > 0);
  return Buffer.concat(parts);
}

function fragmentType(isFirst: boolean, isLast: boolean): number {
  if (isFirst) return isLast ? FragmentType.FULL : FragmentType.FIRST;
  return isLast ? FragmentType.LAST : FragmentType.MIDDLE;
}

function encodeFragment(type: number, payload: Uint8Array): Uint8Array {
  const fragment = Buffer.alloc(HEADER_SIZE + payload.length);
  fragment.writeUInt16LE(payload.length, 4);
  fragment.writeUInt8(type, TYPE_OFFSET);
  fragment.set(payload, HEADER_SIZE);
  fragment.writeUInt32LE(maskCrc(crc32c(fragment, TYPE_OFFSET)), 0);
  return fragment;
}
