import { createHash } from 'node:crypto';
import type { LiveCookie, LiveValues, StorageArea } from '../profile/live-values.js';
import { cutEvenly } from './chunking.js';
import { FormatError, list, parseJson, record, text } from './decode.js';

/**
 * Live values are kept in parts by a hash of their names, so that one that changes does not send
 * all the others again. A part is a line of JSON; one that is longer than a chunk may be is cut.
 */
const PART_BYTES = 16 * 1024;
const MOST_PARTS = 64;

interface LivePart {
  localStorage: StorageArea[];
  cookies: LiveCookie[];
}

export function encodeLiveValues(values: LiveValues): Uint8Array[] {
  const parts: LivePart[] = Array.from({ length: partCount(values) }, () => ({
    localStorage: [],
    cookies: [],
  }));
  const partOf = (...names: string[]) =>
    parts[createHash('sha256').update(names.join('\0')).digest().readUInt32LE(0) % parts.length];
  for (const { origin, items } of values.localStorage) {
    // Also an origin without entries is told: then it has none.
    partOf(origin)?.localStorage.push({ origin, items: [] });
    for (const item of items) areaOf(partOf(origin, item[0]), origin).items.push(item);
  }
  for (const cookie of values.cookies) {
    partOf(String(cookie.domain), String(cookie.path), String(cookie.name))?.cookies.push(cookie);
  }
  return parts.flatMap((part) => {
    const line = Buffer.from(`${JSON.stringify(part)}\n`);
    return cutEvenly(0, line.length).map(({ start, end }) => line.subarray(start, end));
  });
}

/** @param chunks in their order. Throws FormatError. */
export function decodeLiveValues(chunks: readonly Uint8Array[]): LiveValues {
  const areas = new Map<string, [string, string][]>();
  const cookies: LiveCookie[] = [];
  const lines = Buffer.concat(chunks).toString().split('\n');
  if (lines.pop() !== '') throw new FormatError('live values end in the middle of a line');
  for (const line of lines) {
    const part = record(parseJson(line), 'live values', ['localStorage', 'cookies']);
    for (const value of list(part.localStorage, 'localStorage')) {
      const area = record(value, 'an area', ['origin', 'items']);
      const origin = text(area.origin, 'origin');
      const items = areas.get(origin) ?? [];
      areas.set(origin, items);
      for (const item of list(area.items, 'items')) {
        const [key, itemValue] = list(item, 'an item');
        items.push([text(key, 'a key'), text(itemValue, 'a value')]);
      }
    }
    for (const cookie of list(part.cookies, 'cookies')) cookies.push(decodeCookie(cookie));
  }
  return {
    localStorage: [...areas].map(([origin, items]) => ({
      origin,
      items: items.sort(([a], [b]) => (a < b ? -1 : 1)),
    })),
    cookies,
  };
}

function decodeCookie(value: unknown): LiveCookie {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as LiveCookie;
  }
  throw new FormatError('a cookie is no object');
}

/** A power of two, so that it changes seldom as the values grow. */
function partCount(values: LiveValues): number {
  let bytes = JSON.stringify(values.cookies).length;
  for (const { items } of values.localStorage) {
    for (const [key, value] of items) bytes += key.length + value.length;
  }
  let parts = 1;
  while (parts < MOST_PARTS && parts * PART_BYTES < bytes) parts *= 2;
  return parts;
}

function areaOf(part: LivePart | undefined, origin: string): StorageArea {
  const found = part?.localStorage.find((area) => area.origin === origin);
  if (found) return found;
  const area: StorageArea = { origin, items: [] };
  part?.localStorage.push(area);
  return area;
}
