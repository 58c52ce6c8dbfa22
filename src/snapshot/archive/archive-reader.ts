import type { FileHandle } from 'node:fs/promises';
import { RandomAccessReader } from 'yauzl';
import { damaged } from './archive-fault.js';

/**
 * How yauzl reads an archive whose handle stays ours. A place that no file can have, as damage
 * makes it, is an error here; node would throw it where nobody can catch it.
 */
export class ArchiveReader extends RandomAccessReader {
  readonly #archive: FileHandle;

  constructor(archive: FileHandle) {
    super();
    this.#archive = archive;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    if (!Number.isSafeInteger(position + length)) {
      callback(damaged('it points outside of itself'));
      return;
    }
    this.#archive.read(buffer, offset, length, position).then(
      ({ bytesRead }) => callback(null, bytesRead),
      (error: Error) => callback(error),
    );
  }
}
