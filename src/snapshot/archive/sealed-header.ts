import type { FileHandle } from 'node:fs/promises';
import { HoldfastError } from '../../errors.js';
import { FORMAT_VERSION } from '../format.js';

/** What a sealed archive begins with; the format is described in docs/format.md. */
export interface SealedHeader {
  wrappedKey: Buffer;
  plainBytes: number;
  /** Where the first record is. */
  bodyStart: number;
}

export const RECORD_BYTES = 1024 * 1024;
export const TAG_BYTES = 16;

const MAGIC = Buffer.from('HFSA');
/** Of a zip, by which a session that was never sealed is told from damage. */
const ZIP_MAGIC = Buffer.from('PK');
/** Magic, format, length of the wrapped key. */
const PREFIX_BYTES = 12;
const SIZE_BYTES = 8;
const LONGEST_WRAPPED_KEY = 64 * 1024;

/** Also of nothing there is one, so that there is always a last one. */
export function recordsIn(plainBytes: number): number {
  return Math.max(1, Math.ceil(plainBytes / RECORD_BYTES));
}

/** The whole file's length. */
export function sealedBytes({ bodyStart, plainBytes }: SealedHeader): number {
  return bodyStart + plainBytes + recordsIn(plainBytes) * TAG_BYTES;
}

export function encodeHeader(wrappedKey: Buffer, plainBytes: number): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(FORMAT_VERSION, 4);
  prefix.writeUInt32LE(wrappedKey.length, 8);
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeBigUInt64LE(BigInt(plainBytes));
  return Buffer.concat([prefix, wrappedKey, size]);
}

/** @throws {HoldfastError} SESSION_NOT_SEALED, ARCHIVE_DAMAGED, FORMAT_UNSUPPORTED */
export async function readHeader(sealed: FileHandle, session: string): Promise<SealedHeader> {
  const magic = await magicOf(sealed);
  if (magic.subarray(0, ZIP_MAGIC.length).equals(ZIP_MAGIC)) throw notSealed(session);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  if (!magic.equals(MAGIC) || !(await readFully(sealed, prefix, 0))) {
    throw damagedSeal(session, 'it does not begin as a sealed archive does');
  }
  if (prefix.readUInt32LE(4) !== FORMAT_VERSION) throw unsupported(session);
  const keyBytes = prefix.readUInt32LE(8);
  const rest = Buffer.alloc(Math.min(keyBytes, LONGEST_WRAPPED_KEY) + SIZE_BYTES);
  const isWhole = keyBytes <= LONGEST_WRAPPED_KEY && (await readFully(sealed, rest, PREFIX_BYTES));
  const plainBytes = Number(rest.readBigUInt64LE(rest.length - SIZE_BYTES));
  if (!isWhole || !Number.isSafeInteger(plainBytes)) {
    throw damagedSeal(session, 'its beginning is not whole');
  }
  const wrappedKey = rest.subarray(0, -SIZE_BYTES);
  return { wrappedKey, plainBytes, bodyStart: PREFIX_BYTES + rest.length };
}

/** Whether a file says that it is a sealed archive. */
export async function isSealed(file: FileHandle): Promise<boolean> {
  return (await magicOf(file)).equals(MAGIC);
}

async function magicOf(file: FileHandle): Promise<Buffer> {
  const magic = Buffer.alloc(MAGIC.length);
  await file.read(magic, 0, magic.length, 0);
  return magic;
}

/** @returns false: the file ends before */
export async function readFully(
  file: FileHandle,
  target: Buffer,
  position: number,
): Promise<boolean> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

export function damagedSeal(session: string, reason: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'ARCHIVE_DAMAGED',
    `The sealed archive of the session ${session} is damaged or was altered: ${reason}. Nothing was ` +
      'unpacked. Take an undamaged copy of it, or an older one.',
    { cause },
  );
}

function notSealed(session: string): HoldfastError {
  return new HoldfastError(
    'SESSION_NOT_SEALED',
    `An encryption key was given, but the archive of the session ${session} in the store is not ` +
      'sealed: somebody may have put it there. If it is yours from before you had a key, start once ' +
      'without the key to restore it, then delete it from the store and start with the key.',
  );
}

function unsupported(session: string): HoldfastError {
  return new HoldfastError(
    'FORMAT_UNSUPPORTED',
    `The sealed archive of the session ${session} has a format that this version of Holdfast does ` +
      'not know. Use the version that saved it, or a newer one.',
  );
}
