import { type FileHandle, open } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { damaged, shown } from './archive-fault.js';
import { readChunks, throughZlib, writeAt } from './file-chunks.js';
import type { ArchivedFile } from './survey-archive.js';

/**
 * Unpacks one file to `target`, which must not exist.
 *
 * @throws {ArchiveFault} when its content is not what the archive says
 */
export async function unpackFile(
  archive: FileHandle,
  file: ArchivedFile,
  target: string,
  onBytes: (count: number) => void,
): Promise<void> {
  const packed = readChunks(archive, file.dataStart, file.dataStart + file.compressedSize);
  const output = await open(target, 'wx', 0o600);
  let size = 0;
  let checksum = 0;
  const write = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      // Before it is written: what says it is small must not fill the disk.
      if (size + chunk.length > file.size) throw differs(file, 'larger than it says');
      await writeAt(output, chunk, size);
      size += chunk.length;
      checksum = crc32(chunk, checksum);
      onBytes(chunk.length);
    }
  };
  try {
    await write(file.isDeflated ? throughZlib(packed, createInflateRaw()) : packed);
  } finally {
    await output.close();
  }
  if (size !== file.size) throw differs(file, 'smaller than it says');
  if (checksum !== file.crc32) throw differs(file, 'not what its checksum says');
}

const differs = (file: ArchivedFile, how: string) =>
  damaged(`the content of its entry ${shown(file.path)} is ${how}`);
