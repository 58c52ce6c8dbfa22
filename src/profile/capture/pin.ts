import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isBusy, type ProfileFiles, ProfileMoved } from './profile-files.js';
import { retryWhile } from './retry.js';
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
  /**
   * Once the handles have run out: were every last one used for pins, none would be left to read
   * the MANIFEST with, however often it is tried.
   */
  #withoutHandles = false;

  /** @param folder where links and copies go; on the profile's file system, this process's own */
  constructor(files: ProfileFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  async pin(file: string): Promise<Pin> {
    if (this.#withoutHandles) return this.#pinByName(file);
    try {
      return await pinByHandle(await this.#files.open(file, 'r'));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code !== 'EMFILE' && code !== 'ENFILE') throw error;
      this.#withoutHandles = true;
      return this.#pinByName(file);
    }
  }

  /** Removes what links and copies there are; pins that are still held are void then. */
  async clear(): Promise<void> {
    await this.#files.rm(this.#folder, { recursive: true, force: true });
  }

  async #pinByName(file: string): Promise<Pin> {
    await this.#files.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const name = path.join(this.#folder, randomUUID());
    const release = () => this.#files.rm(name, { force: true });
    let stamp: FileStamp;
    try {
      stamp = (await this.#link(file, name)) ?? (await this.#copy(file, name));
    } catch (error) {
      await release();
      throw error;
    }
    return {
      stamp,
      read: async (target, position) => {
        const handle = await retryWhile(isBusy, () => this.#files.open(name, 'r'));
        try {
          await readFully(handle, target, position);
        } finally {
          await handle.close();
        }
      },
      readToEnd: () => retryWhile(isBusy, () => this.#files.readFile(name)),
      release,
    };
  }

  /** Null where there are no links. */
  async #link(file: string, name: string): Promise<FileStamp | null> {
    try {
      await this.#files.link(file, name);
    } catch (error) {
      if (WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
    return stampOf(await this.#files.stat(name, { bigint: true }));
  }

  async #copy(file: string, name: string): Promise<FileStamp> {
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
