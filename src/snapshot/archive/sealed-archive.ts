import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { HoldfastError } from '../../errors.js';
import { type EncryptionKey, KEY_BYTES } from '../encryption-key.js';
import { FORMAT_VERSION } from '../format.js';
import { openDataKey, wrapDataKey } from '../key-cell.js';
import { writeAt } from './file-chunks.js';
import {
  damagedSeal,
  encodeHeader,
  isSealed,
  RECORD_BYTES,
  readFully,
  readHeader,
  recordsIn,
  type SealedHeader,
  sealedBytes,
  TAG_BYTES,
} from './sealed-header.js';

const CIPHER = 'aes-256-gcm';

/**
 * Seals an archive, with a data key of its own, into `sealedFile`, which must not exist.
 *
 * @throws {HoldfastError} INVALID_KEY, KEY_UNAVAILABLE; errors of the file system as they are
 */
export async function sealArchive(
  plainFile: string,
  sealedFile: string,
  session: string,
  key: EncryptionKey,
): Promise<void> {
  const dataKey = randomBytes(KEY_BYTES);
  const wrappedKey = Buffer.from(await wrapDataKey(dataKey, 1, session, key));
  await transform(plainFile, sealedFile, async (plain, sealed) => {
    const plainBytes = (await plain.stat()).size;
    const header = encodeHeader(wrappedKey, plainBytes);
    await writeAt(sealed, header, 0);
    const records = new Records(dataKey, session, plainBytes);
    const buffer = Buffer.allocUnsafe(RECORD_BYTES);
    for (let index = 0; index < records.count; index++) {
      const content = buffer.subarray(0, records.lengthOf(index));
      const start = index * RECORD_BYTES;
      if (!(await readFully(plain, content, start))) throw new Error(`${plainFile} became shorter`);
      const place = header.length + start + index * TAG_BYTES;
      await writeAt(sealed, records.seal(content, index), place);
    }
  });
}

/**
 * Opens a sealed archive into `plainFile`, which must not exist; after an error it does not.
 *
 * @throws {HoldfastError} SESSION_NOT_SEALED, KEY_WRONG, KEY_UNAVAILABLE, INVALID_KEY,
 *   ARCHIVE_DAMAGED, FORMAT_UNSUPPORTED; errors of the file system as they are
 */
export async function openArchive(
  sealedFile: string,
  plainFile: string,
  session: string,
  key: EncryptionKey,
): Promise<void> {
  await transform(sealedFile, plainFile, async (sealed, plain) => {
    const header = await readHeader(sealed, session);
    if ((await sealed.stat()).size !== sealedBytes(header)) {
      throw damagedSeal(session, 'it has not the length that it says');
    }
    const dataKey = await openKeyOf(header, session, key);
    const records = new Records(dataKey, session, header.plainBytes);
    const buffer = Buffer.allocUnsafe(RECORD_BYTES + TAG_BYTES);
    for (let index = 0; index < records.count; index++) {
      const stored = buffer.subarray(0, records.lengthOf(index) + TAG_BYTES);
      const start = index * RECORD_BYTES;
      const isRead = await readFully(sealed, stored, header.bodyStart + start + index * TAG_BYTES);
      const content = isRead ? records.open(stored, index) : undefined;
      if (content === undefined) throw damagedSeal(session, `its part ${index} does not open`);
      await writeAt(plain, content, start);
    }
  });
}

/**
 * Sees that an archive is sealed if and only if there is a key, and by that key.
 *
 * @throws {HoldfastError} KEY_MISSING and those of `openArchive`
 */
export async function requireKey(
  file: string,
  session: string,
  key: EncryptionKey | undefined,
): Promise<void> {
  await withFile(file, async (handle) => {
    if (key !== undefined) await openKeyOf(await readHeader(handle, session), session, key);
    else if (await isSealed(handle)) throw keyMissing(session);
  });
}

/** Whether a file says that it is a sealed archive. */
export function isSealedArchive(file: string): Promise<boolean> {
  return withFile(file, isSealed);
}

/** Whether a file is a sealed archive with all its bytes, by its own account; takes no key. */
export function isWholeSealedArchive(file: string): Promise<boolean> {
  return withFile(file, async (handle) => {
    const header = await readHeader(handle, '').catch(() => null);
    return header !== null && (await handle.stat()).size === sealedBytes(header);
  });
}

async function openKeyOf(
  { wrappedKey }: SealedHeader,
  session: string,
  key: EncryptionKey,
): Promise<Uint8Array> {
  try {
    return await openDataKey(wrappedKey, session, key);
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'KEY_DAMAGED') throw error;
    throw damagedSeal(session, 'the key in it is damaged or of another session', error);
  }
}

/** AES-256-GCM of a whole file in pieces, each bound to its place, the last one marked. */
class Records {
  readonly count: number;
  readonly #key: Uint8Array;

  constructor(
    dataKey: Uint8Array,
    private readonly session: string,
    private readonly plainBytes: number,
  ) {
    const info = `holdfast ${FORMAT_VERSION} archive`;
    this.#key = new Uint8Array(hkdfSync('sha256', dataKey, session, info, KEY_BYTES));
    this.count = recordsIn(plainBytes);
  }

  lengthOf(index: number): number {
    return Math.min(RECORD_BYTES, this.plainBytes - index * RECORD_BYTES);
  }

  seal(content: Buffer, index: number): Buffer {
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(index)).setAAD(this.#describe(index));
    return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  }

  open(stored: Buffer, index: number): Buffer | undefined {
    const decipher = createDecipheriv(CIPHER, this.#key, nonceOf(index), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(this.#describe(index)).setAuthTag(stored.subarray(-TAG_BYTES));
    const content = decipher.update(stored.subarray(0, -TAG_BYTES));
    try {
      decipher.final();
      return content;
    } catch {
      return undefined;
    }
  }

  #describe(index: number): Uint8Array {
    const end = index === this.count - 1 ? 'last' : 'more';
    const { session, plainBytes } = this;
    return Buffer.from(`holdfast ${FORMAT_VERSION} archive\0${session}\0${plainBytes}\0${end}`);
  }
}

/** Counted, which is safe since no two archives have the same data key. */
function nonceOf(index: number): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64LE(BigInt(index));
  return nonce;
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, 'r');
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/** Makes one file of another, for this user only; after an error it is gone. */
async function transform(
  source: string,
  target: string,
  work: (source: FileHandle, target: FileHandle) => Promise<void>,
): Promise<void> {
  await withFile(source, async (from) => {
    const to = await open(target, 'wx', 0o600);
    try {
      await work(from, to);
    } catch (error) {
      await to.close();
      await rm(target, { force: true });
      throw error;
    }
    await to.close();
  });
}

function keyMissing(session: string): HoldfastError {
  return new HoldfastError(
    'KEY_MISSING',
    `The archive of the session ${session} is sealed, and no encryption key was given. Give the key ` +
      'that it was saved with (encryptionKey).',
  );
}
