import { ByteReader, LevelDBFormatError } from './leveldb/byte-reader.js';
import { encodeVarint } from './leveldb/encodings.js';

/**
 * How Chromium keeps localStorage in LevelDB (components/services/storage/dom_storage/
 * local_storage_impl.cc): `VERSION`, and for each origin a `META:` entry and one for each item.
 */
export const VERSION_KEY = Buffer.from('VERSION');
export const VERSION = Buffer.from('1');

export function metaKey(origin: string): Uint8Array {
  return Buffer.from(`META:${origin}`);
}

/** What the keys of an origin's items begin with. No other origin's begin so. */
export function itemPrefix(origin: string): Uint8Array {
  return Buffer.from(`_${origin}\0`);
}

const TextFormat = { UTF_16: 0, LATIN_1: 1 } as const;

/**
 * A key or a value as Blink stores it (StringToUint8Vector in
 * third_party/blink/renderer/modules/storage/cached_storage_area.cc): a byte that names the
 * encoding, and the text; in Latin-1 whenever that can say it.
 */
export function encodeText(text: string): Uint8Array {
  return isLatin1(text)
    ? Buffer.concat([Uint8Array.of(TextFormat.LATIN_1), Buffer.from(text, 'latin1')])
    : Buffer.concat([Uint8Array.of(TextFormat.UTF_16), Buffer.from(text, 'utf16le')]);
}

function isLatin1(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return false;
  return true;
}

/** Fields of LocalStorageAreaWriteMetaData (local_storage_database.proto), both varints. */
const MetaField = { LAST_MODIFIED: 1 << 3, SIZE_BYTES: 2 << 3 } as const;

/** base::Time counts microseconds since 1601. */
const EPOCH_DIFFERENCE_US = 11_644_473_600_000_000n;

/**
 * @param modifiedAt milliseconds since 1970
 * @param size of all items, in bytes
 */
export function encodeMeta(modifiedAt: number, size: number): Uint8Array {
  const time = BigInt(Math.round(modifiedAt * 1000)) + EPOCH_DIFFERENCE_US;
  return Buffer.concat([
    Uint8Array.of(MetaField.LAST_MODIFIED),
    encodeVarint(time),
    Uint8Array.of(MetaField.SIZE_BYTES),
    encodeVarint(size),
  ]);
}

/**
 * When Chromium last wrote the origin's items, in milliseconds since 1970: it writes the entry
 * anew with each write of items. Undefined when the entry does not say.
 */
export function decodeModifiedAt(meta: Uint8Array): number | undefined {
  const reader = new ByteReader(meta);
  try {
    if (reader.byte('a field') !== MetaField.LAST_MODIFIED) return undefined;
    return Number(reader.bigVarint('the time') - EPOCH_DIFFERENCE_US) / 1000;
  } catch (error) {
    if (error instanceof LevelDBFormatError) return undefined;
    throw error;
  }
}
