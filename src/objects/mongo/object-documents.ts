import { type ByteRange, MAX_OBJECT_BYTES } from '../object-store.js';

/**
 * An object is one document, so that it comes into being whole. Its bytes lie in several fields,
 * `part0`, `part1` and so on, so that a range of them can be fetched without the rest: restoring
 * reads a pack by ranges.
 */
export interface ObjectDocument {
  _id: string;
  size: number;
  [part: `part${number}`]: Uint8Array;
}

const PART_BYTES = 256 * 1024;

export function objectDocument(key: string, bytes: Uint8Array): ObjectDocument {
  const document: ObjectDocument = { _id: key, size: bytes.length };
  for (const { name, start, end } of partsOf({ start: 0, end: bytes.length })) {
    document[name] = bytes.subarray(start, end);
  }
  return document;
}

/** The fields that are needed for a range. */
export function fieldsFor({ start, end }: ByteRange): Record<string, 1> {
  const fields: Record<string, 1> = { size: 1 };
  for (const { name } of partsOf({ start, end: Math.min(end, MAX_OBJECT_BYTES) })) fields[name] = 1;
  return fields;
}

/** What there is: fewer bytes when somebody has damaged the document, as of a file cut off. */
export function bytesOf(document: ObjectDocument, range?: ByteRange): Uint8Array {
  const end = Math.min(range?.end ?? document.size, document.size);
  const start = Math.min(range?.start ?? 0, end);
  const bytes = Buffer.alloc(end - start);
  for (const part of partsOf({ start, end })) {
    const stored = document[part.name];
    const isWhole = stored instanceof Uint8Array && stored.length >= part.end - part.start;
    const from = Math.max(start - part.start, 0);
    const to = part.start + from - start;
    if (!isWhole) return bytes.subarray(0, to);
    bytes.set(stored.subarray(from, part.end - part.start), to);
  }
  return bytes;
}

/** Those in which bytes of a range lie. */
function partsOf({ start, end }: ByteRange) {
  const parts: { name: `part${number}`; start: number; end: number }[] = [];
  if (start >= end) return parts;
  for (let part = Math.floor(start / PART_BYTES); part * PART_BYTES < end; part++) {
    const first = part * PART_BYTES;
    parts.push({ name: `part${part}`, start: first, end: Math.min(first + PART_BYTES, end) });
  }
  return parts;
}
