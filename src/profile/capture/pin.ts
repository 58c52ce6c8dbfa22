import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { type ProfileFiles, ProfileMoved } from './profile-files.js';
import { type FileStamp, stampOf } from './stamp.js';

/**
 * Holds on to the bytes of a file of a live profile: also when the browser deletes the file, they
 * can be read until `release()`.
 */
export interface Pin {
  stamp: FileStamp;
  /** Fills `target` from `position` on. Rejects with {@link ProfileMoved} if the file is shorter. */
  read(target: Uint8Array, position: number): Promise<void>;
  /** All there is by now, which may be more than at first. */
  readToEnd(): Promise<Uint8Array>;
  release(): Promise<void>;
}

/**
 * Pins files of one profile: by an open handle, which costs nothing and leaves nothing behind; when
 * the system gives no more handles, by a hard link; where there are none, by a copy.
 */
export class Pins {
  readonly #files: ProfileFiles;
  readonly #folder: string;
  #links = 0;

  /** @param folder where links and copies go; on the profile's file system, this process's own */
  constructor(files: ProfileFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  async pin(file: string): Promise<Pin> {
    try {
      return await pinByHandle(await this.#files.open(file, 'r'));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code !== 'EMFILE' && code !== 'ENFILE') throw error;
      return this.#pinByName(file);
    }
  }

  /** Removes what links and copies there are; pins that are still held are void then. */
  async clear(): Promise<void> {
    await this.#files.rm(this.#folder, { recursive: true, force: true });
  }

  async #pinByName(file: string): Promise<Pin> {
    await this.#files.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const name = path.join(this.#folder, String(this.#links++));
    const stamp = await this.#linkOrCopy(file, name);
    return {
      stamp,
      read: async (target, position) => {
        const handle = await this.#files.open(name, 'r');
        try {
          await readFully(handle, target, position);
        } finally {
          await handle.close();
        }
      },
      readToEnd: () => this.#files.readFile(name),
      release: () => this.#files.rm(name, { force: true }),
    };
  }

  async #linkOrCopy(file: string, name: string): Promise<FileStamp> {
    try {
      await this.#files.link(file, name);
      return stampOf(await this.#files.stat(name, { bigint: true }));
    } catch (error) {
      if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    const before = stampOf(await this.#files.stat(file, { bigint: true }));
    await this.#files.copyFile(file, name, constants.COPYFILE_FICLONE);
    const after = stampOf(await this.#files.stat(file, { bigint: true }));
    if (before.identity !== after.identity) throw new ProfileMoved(`${path.basename(file)} is new`);
    const { size } = await this.#files.stat(name);
    return { ...before, size };
  }
}

/** What file systems answer that have no hard links, or no more of them for this file. */
const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK']);

async function pinByHandle(handle: FileHandle): Promise<Pin> {
  try {
    return {
      stamp: stampOf(await handle.stat({ bigint: true })),
      read: (target, position) => readFully(handle, target, position),
      readToEnd: () => readToEnd(handle),
      release: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readToEnd(handle: FileHandle): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    // One byte more than there is: a short read then says that it was the end.
    const part = Buffer.allocUnsafe(Math.max(0, (await handle.stat()).size - length) + 1);
    const { bytesRead } = await handle.read(part, 0, part.length, length);
    parts.push(part.subarray(0, bytesRead));
    length += bytesRead;
    if (bytesRead < part.length)
      return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }
}

async function readFully(handle: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < target.length; ) {
    const { bytesRead } = await handle.read(
      target,
      filled,
      target.length - filled,
      position + filled,
    );
    if (bytesRead === 0) throw new ProfileMoved('a file became shorter');
    filled += bytesRead;
  }
}
