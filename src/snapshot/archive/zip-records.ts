/**
 * The records of a zip file, as they are written (PKWARE's APPNOTE.TXT, 4.3).
 *
 * They are written here and not by a library because of who reads them: whatsapp-web.js unpacks
 * from front to back (unzipper), and takes the first `PK\x07\x08` in the data for the end of an
 * entry whose size stands behind its data, as libraries write what they stream. Here sizes always
 * stand before the data.
 */

/** A file in an archive. */
export interface ZipEntry {
  /** With `/`. */
  path: string;
  isDeflated: boolean;
  crc32: number;
  compressedSize: number;
  size: number;
  /** Where its local header begins. */
  offset: number;
  /** Whether its local header has room for sizes of 4 GiB and more. */
  isLarge: boolean;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;

const VERSION = 20;
const VERSION_ZIP64 = 45;
const MADE_BY_UNIX = 3 << 8;
const UTF8_NAME = 1 << 11;
const STORED = 0;
const DEFLATED = 8;
/** 1 January 1980: the same files give the same archive. */
const DATE = (1 << 5) | 1;
const REGULAR_FILE_0600 = 0o100600;

const ZIP64_FIELD = 0x0001;
/** What stands in a field whose value is in the ZIP64 field instead. */
const ELSEWHERE = 0xffffffff;
const MANY = 0xffff;

export function localHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.path);
  const more = entry.isLarge ? zip64Field([entry.size, entry.compressedSize]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL_HEADER, 0);
  writeCommon(header, 4, entry, entry.isLarge);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(more.length, 28);
  return Buffer.concat([header, name, more]);
}

export function centralHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.path);
  const isFar = entry.offset >= ELSEWHERE;
  const large = [
    ...(entry.isLarge ? [entry.size, entry.compressedSize] : []),
    ...(isFar ? [entry.offset] : []),
  ];
  const more = large.length > 0 ? zip64Field(large) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(CENTRAL_HEADER, 0);
  header.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 4);
  writeCommon(header, 6, entry, large.length > 0);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(more.length, 30);
  header.writeUInt32LE(REGULAR_FILE_0600 * 0x10000, 38);
  header.writeUInt32LE(isFar ? ELSEWHERE : entry.offset, 42);
  return Buffer.concat([header, name, more]);
}

/** What both headers have, from the version on. */
function writeCommon(header: Buffer, at: number, entry: ZipEntry, isZip64: boolean): void {
  header.writeUInt16LE(isZip64 ? VERSION_ZIP64 : VERSION, at);
  header.writeUInt16LE(UTF8_NAME, at + 2);
  header.writeUInt16LE(entry.isDeflated ? DEFLATED : STORED, at + 4);
  header.writeUInt16LE(DATE, at + 8);
  header.writeUInt32LE(entry.crc32, at + 10);
  header.writeUInt32LE(entry.isLarge ? ELSEWHERE : entry.compressedSize, at + 14);
  header.writeUInt32LE(entry.isLarge ? ELSEWHERE : entry.size, at + 18);
}

function zip64Field(values: number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(ZIP64_FIELD, 0);
  field.writeUInt16LE(field.length - 4, 2);
  for (const [index, value] of values.entries()) {
    field.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  }
  return field;
}

/** What ends an archive whose central headers are at `offset` and take `size` bytes. */
export function endOfArchive(entries: number, offset: number, size: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(Math.min(entries, MANY), 8);
  end.writeUInt16LE(Math.min(entries, MANY), 10);
  end.writeUInt32LE(Math.min(size, ELSEWHERE), 12);
  end.writeUInt32LE(Math.min(offset, ELSEWHERE), 16);
  if (entries < MANY && offset < ELSEWHERE && size < ELSEWHERE) return end;

  const zip64 = Buffer.alloc(56);
  zip64.writeUInt32LE(ZIP64_END, 0);
  zip64.writeBigUInt64LE(BigInt(zip64.length - 12), 4);
  zip64.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 12);
  zip64.writeUInt16LE(VERSION_ZIP64, 14);
  zip64.writeBigUInt64LE(BigInt(entries), 24);
  zip64.writeBigUInt64LE(BigInt(entries), 32);
  zip64.writeBigUInt64LE(BigInt(size), 40);
  zip64.writeBigUInt64LE(BigInt(offset), 48);

  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(ZIP64_LOCATOR, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([zip64, locator, end]);
}
