import type { FileHandle } from 'node:fs/promises';
import { fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { isCarried } from '../../profile/file-set.js';
import { damaged, refused } from './archive-fault.js';
import { ArchiveReader } from './archive-reader.js';
import { checkCompression, checkKind, checkLocalHeader, nameOf } from './entry-headers.js';
import { checkEntryName, checkFileName, EntryNames } from './entry-path.js';

/** A file to be unpacked. */
export interface ArchivedFile {
  path: string;
  isDeflated: boolean;
  crc32: number;
  compressedSize: number;
  size: number;
  /** Where its bytes are in the archive. */
  dataStart: number;
}

/** How much of an archive is believed to be a session. */
export interface ArchiveLimits {
  /** Of everything in the archive, also of what is not unpacked. Default: 200,000. */
  entries: number;
  /** Of all files unpacked. Default: 16 GiB. */
  totalBytes: number;
  /** How many times the archive's size the files may have, above 64 MiB. Default: 200. */
  ratio: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = {
  entries: 200_000,
  totalBytes: 16 * 1024 ** 3,
  ratio: 200,
};

const ALWAYS_ALLOWED_BYTES = 64 * 1024 ** 2;

/**
 * Reads everything that an archive says of its contents, its directory and every header before a
 * file, and believes it only where all agrees. Nothing is written yet.
 *
 * @returns the files to unpack
 */
export async function surveyArchive(
  archive: FileHandle,
  limits: ArchiveLimits,
): Promise<ArchivedFile[]> {
  const archiveBytes = (await archive.stat()).size;
  const zip = await fromRandomAccessReaderPromise(new ArchiveReader(archive), archiveBytes, {
    autoClose: false,
    // yauzl would reject names that are refused here as if they were damage.
    decodeStrings: false,
  });
  if (zip.entryCount > limits.entries) {
    throw refused(`it has ${zip.entryCount} entries, more than ${limits.entries}`);
  }

  const files: ArchivedFile[] = [];
  const names = new EntryNames();
  let packedBytes = 0;
  let totalBytes = 0;
  for await (const entry of zip.eachEntry()) {
    const path = checkEntryName(nameOf(entry));
    checkKind(entry, path);
    names.add(path);
    const { fileDataStart } = await checkLocalHeader(zip, entry);
    packedBytes += entry.compressedSize;
    if (packedBytes > archiveBytes) throw refused('its entries lie over each other');
    if (path.isFolder || !isCarried(path.path)) continue;

    checkFileName(path.path);
    checkCompression(entry, path);
    totalBytes += entry.uncompressedSize;
    if (totalBytes > limits.totalBytes) {
      throw refused(`its files are larger than ${limits.totalBytes} bytes together`);
    }
    files.push({
      path: path.path,
      isDeflated: entry.compressionMethod !== 0,
      crc32: entry.crc32,
      compressedSize: entry.compressedSize,
      size: entry.uncompressedSize,
      dataStart: fileDataStart,
    });
  }
  if (totalBytes > ALWAYS_ALLOWED_BYTES && totalBytes > limits.ratio * archiveBytes) {
    throw refused(`its files are more than ${limits.ratio} times as large as it`);
  }
  await checkEndOfDirectory(archive, zip);
  return files;
}

const CENTRAL_HEADER = 0x02014b50;

/** A directory that goes on behind the number of entries it has, by its own account, was damaged. */
async function checkEndOfDirectory(archive: FileHandle, zip: ZipFile): Promise<void> {
  const signature = Buffer.alloc(4);
  // Typed as a boolean by mistake.
  const end = Number(zip.readEntryCursor);
  await archive.read(signature, 0, signature.length, end);
  if (signature.readUInt32LE(0) === CENTRAL_HEADER) {
    throw damaged(`it has more entries than the ${zip.entryCount} it says`);
  }
}
