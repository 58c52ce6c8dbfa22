import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32, createDeflateRaw } from 'node:zlib';
import { HoldfastError } from '../../errors.js';
import { dataPathError, isFileSystemError } from '../../system/data-path-error.js';
import { syncFolder } from '../../system/sync-folder.js';
import { readChunks, throughZlib, writeAt } from './file-chunks.js';
import { listProfileFiles, missingStorage, type ProfileFile } from './profile-files.js';
import { centralHeader, endOfArchive, localHeader, type ZipEntry } from './zip-records.js';

export interface ArchiveProgress {
  /** Bytes of the profile's files, uncompressed. */
  doneBytes: number;
  totalBytes: number;
}

export interface WriteArchiveOptions {
  /** Called after every piece of a file. */
  onProgress?: ((progress: ArchiveProgress) => void) | undefined;
}

/** Deflate adds some bytes to what it cannot shorten; a size near the limit may pass it. */
const LARGE_BYTES = 0xf0000000;
/** Little smaller than what the default level makes, at several times its speed. */
const COMPRESSION_LEVEL = 1;

/**
 * Writes the archive of a profile that whatsapp-web.js's RemoteAuth unpacks: its root is the user
 * data directory. No browser may have the profile open. The file is for this user only, replaces
 * an older one at once, and is complete and on disk when this resolves; after an error the older
 * one is untouched and nothing else is left.
 *
 * @throws {HoldfastError} PROFILE_EMPTY, PROFILE_IN_USE, DATA_PATH_UNUSABLE
 */
export async function writeArchive(
  userDataDir: string,
  zipFile: string,
  options: WriteArchiveOptions = {},
): Promise<void> {
  const draft = `${zipFile}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const files = await listProfileFiles(userDataDir);
    refuseEmpty(userDataDir, files);
    const archive = await open(draft, 'wx', 0o600);
    try {
      await writeEntries(archive, userDataDir, files, options);
      await archive.sync();
    } finally {
      await archive.close();
    }
    await rename(draft, zipFile);
    await syncFolder(dirname(zipFile));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    if (!isFileSystemError(error)) throw error;
    throw dataPathError(`The profile ${userDataDir} cannot be written to ${zipFile}`, error);
  }
}

function refuseEmpty(userDataDir: string, files: ProfileFile[]): void {
  const missing = missingStorage(files.map(({ path }) => path));
  if (missing.length === 0) return;
  throw new HoldfastError(
    'PROFILE_EMPTY',
    `The profile ${userDataDir} holds no session: there is no ${missing.join(' and no ')} in it. ` +
      'No archive was written. See that the path is right and that the session was linked.',
  );
}

async function writeEntries(
  archive: FileHandle,
  userDataDir: string,
  files: ProfileFile[],
  { onProgress }: WriteArchiveOptions,
): Promise<void> {
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  let doneBytes = 0;
  const onBytes = (count: number) => {
    doneBytes += count;
    onProgress?.({ doneBytes, totalBytes });
  };

  const entries: ZipEntry[] = [];
  let end = 0;
  for (const file of files) {
    const entry = await writeEntry(archive, end, join(userDataDir, file.path), file, onBytes);
    entries.push(entry);
    end += localHeader(entry).length + entry.compressedSize;
  }

  const directory = Buffer.concat(entries.map(centralHeader));
  await writeAt(archive, directory, end);
  await writeAt(
    archive,
    endOfArchive(entries.length, end, directory.length),
    end + directory.length,
  );
}

/** Writes the data first and then, before it, the header with what is known only now. */
async function writeEntry(
  archive: FileHandle,
  offset: number,
  source: string,
  { path, size }: ProfileFile,
  onBytes: (count: number) => void,
): Promise<ZipEntry> {
  const isDeflated = !path.endsWith('.ldb') && size > 0;
  const isLarge = size >= LARGE_BYTES;
  const entry = { path, isDeflated, crc32: 0, compressedSize: 0, size: 0, offset, isLarge };
  const dataStart = offset + localHeader(entry).length;

  const file = await open(source, 'r');
  try {
    const write = async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        await writeAt(archive, chunk, dataStart + entry.compressedSize);
        entry.compressedSize += chunk.length;
      }
    };
    const content = async function* () {
      // One byte more than there should be, to see it.
      for await (const chunk of readChunks(file, 0, size + 1)) {
        entry.crc32 = crc32(chunk, entry.crc32);
        entry.size += chunk.length;
        onBytes(chunk.length);
        yield chunk;
      }
    };
    const deflate = () => throughZlib(content(), createDeflateRaw({ level: COMPRESSION_LEVEL }));
    await write(isDeflated ? deflate() : content());
  } finally {
    await file.close();
  }
  if (entry.size !== size) {
    throw new HoldfastError(
      'PROFILE_IN_USE',
      `The file ${source} changed while it was being archived, so the archive would not open. ` +
        'No archive was written. Close the browser that uses the profile.',
    );
  }
  await writeAt(archive, localHeader(entry), offset);
  return entry;
}
