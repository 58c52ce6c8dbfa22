import {
  type Entry,
  getFileNameLowLevel,
  type LocalFileHeader,
  parseExtraFields,
  type ZipFile,
} from 'yauzl';
import { damaged, refused, shown } from './archive-fault.js';
import type { EntryPath } from './entry-path.js';

const STORED = 0;
const DEFLATED = 8;

// General purpose bits (APPNOTE.TXT 4.4.4).
const ENCRYPTED = (1 << 0) | (1 << 6) | (1 << 13);
const SIZES_BEHIND_DATA = 1 << 3;

// Of a Unix mode, in the upper half of the external attributes.
const KIND_MASK = 0o170000;
const KIND_FILE = 0o100000;
const KIND_FOLDER = 0o040000;
/** Of DOS, in the lower half. */
const DOS_FOLDER = 0x10;

/** With whatever separators the archive has. */
export function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  return getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
}

/**
 * Refuses links, devices and the like. Which system made the entry is not asked: a program that
 * unpacks it may not ask either.
 *
 * @throws {ArchiveFault}
 */
export function checkKind(entry: Entry, { path, isFolder }: EntryPath): void {
  const kind = (entry.externalFileAttributes >>> 16) & KIND_MASK;
  const expected = isFolder ? KIND_FOLDER : KIND_FILE;
  const isMarkedFolder = (entry.externalFileAttributes & DOS_FOLDER) !== 0;
  if ((kind !== 0 && kind !== expected) || (isMarkedFolder && !isFolder)) {
    throw refused(`its entry ${shown(path)} is neither a file nor a folder`);
  }
  if (isFolder && entry.uncompressedSize !== 0) {
    throw refused(`its entry ${shown(path)} is a folder with the content of a file`);
  }
}

/** @throws {ArchiveFault} when the content cannot be read here */
export function checkCompression(entry: Entry, { path }: EntryPath): void {
  if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0) {
    throw refused(`its entry ${shown(path)} is encrypted`);
  }
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw refused(`its entry ${shown(path)} is compressed by another method than deflate`);
  }
}

/**
 * Sees that the header before a file says what the directory says: programs that read from front
 * to back know that one only. A damaged name would make a file go missing without a word.
 *
 * @throws {ArchiveFault}
 */
export async function checkLocalHeader(zip: ZipFile, entry: Entry): Promise<LocalFileHeader> {
  const local = await zip.readLocalFileHeaderPromise(entry);
  const extraFields = parseExtraFields(local.extraField);
  const name = getFileNameLowLevel(local.generalPurposeBitFlag, local.fileName, extraFields, true);
  const differs = (what: string) =>
    damaged(`the two headers of its entry ${shown(nameOf(entry))} differ in ${what}`);
  if (name !== nameOf(entry)) throw differs('the name');
  if (local.compressionMethod !== entry.compressionMethod) throw differs('the compression');
  if (((local.generalPurposeBitFlag ^ entry.generalPurposeBitFlag) & ENCRYPTED) !== 0) {
    throw differs('the encryption');
  }

  const mayBeZero = (local.generalPurposeBitFlag & SIZES_BEHIND_DATA) !== 0;
  const agrees = (one: number, other: number) => one === other || (mayBeZero && one === 0);
  const zip64 = extraFields.find(({ id }) => id === ZIP64_FIELD)?.data;
  const [size, rest] = zip64Value(local.uncompressedSize, zip64);
  const [compressedSize] = zip64Value(local.compressedSize, rest);
  if (!agrees(local.crc32, entry.crc32)) throw differs('the checksum');
  if (!agrees(size, entry.uncompressedSize)) throw differs('the size');
  if (!agrees(compressedSize, entry.compressedSize)) throw differs('the size');
  return local;
}

const ZIP64_FIELD = 0x0001;
const ELSEWHERE = 0xffffffff;

/** A size that may stand in the ZIP64 field, and the rest of that field. */
function zip64Value(value: number, field?: Buffer): [number, Buffer | undefined] {
  if (value !== ELSEWHERE || field === undefined || field.length < 8) return [value, field];
  return [Number(field.readBigUInt64LE(0)), field.subarray(8)];
}
