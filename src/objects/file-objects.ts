import { rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../errors.js';
import { cellConflict } from './cell-conflict.js';
import { deleteCellFiles, readCellFiles, swapCellFiles } from './files/cell-files.js';
import {
  createFile,
  makeFolders,
  nullWhenMissing,
  readBytes,
  syncFolder,
} from './files/durable-files.js';
import { errnoOf, fileError } from './files/file-errors.js';
import { CELL_ENDING, fileName, OBJECT_ENDING } from './files/file-names.js';
import { listKeys } from './files/list-keys.js';
import { StoreFolder } from './files/store-folder.js';
import { ZipFolder } from './files/zip-folder.js';
import type { FormerArchives } from './former-archives.js';
import {
  checkCellBytes,
  checkKey,
  checkObjectBytes,
  checkPrefix,
  checkRange,
} from './object-checks.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from './object-store.js';

export interface FileObjectsOptions {
  /**
   * The folder. It is made by the first write; the folder above it must be there, as it is not
   * when a disk is not mounted.
   */
  path: string;
}

/**
 * Objects and cells in a folder, which several processes and machines may share. `files/` says how
 * they lie in it.
 *
 * A folder whose files another machine sees only later, as through NFS with its caches, is not
 * for two machines: mount with `noac`.
 */
export class FileObjects implements ObjectStore {
  readonly path: string;
  readonly formerArchives: FormerArchives;
  readonly #folder: StoreFolder;

  constructor(options: FileObjectsOptions) {
    this.path = path.resolve(options.path);
    this.formerArchives = new ZipFolder(this.path);
    this.#folder = new StoreFolder(this.path);
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    return this.#run(`read ${key}`, () =>
      this.#orNotHere(() => readBytes(this.#object(key), range)),
    );
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    checkObjectBytes(key, bytes);
    const file = this.#object(key);
    await this.#run(`write ${key}`, async () => {
      await this.#folder.begin();
      await this.#folder.temporaries.use(async (temporary) => {
        await createFile(temporary, bytes);
        try {
          await rename(temporary, file);
        } catch (error) {
          if (errnoOf(error) !== 'ENOENT') throw error;
          await makeFolders(path.dirname(file));
          await rename(temporary, file);
        }
      });
      await syncFolder(path.dirname(file));
    });
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    checkPrefix(prefix);
    yield* await this.#run(`list ${prefix || 'everything'}`, async () => {
      if (!(await this.#folder.isStarted())) return [];
      const listed = await listKeys(this.#folder.keys, prefix);
      // Asked after the listing: a folder that has gone meanwhile must not look like an empty one.
      await this.#folder.confirm();
      return listed;
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkKey);
    await this.#run(`delete ${keys.length === 1 ? keys[0] : `${keys.length} keys`}`, async () => {
      if (!(await this.#folder.isStarted())) return;
      const changed = new Set<string>();
      for (const key of keys) {
        const file = this.#object(key);
        const unlinked = await unlink(file).catch(nullWhenMissing);
        if (unlinked !== null) changed.add(path.dirname(file));
        await deleteCellFiles(this.#cell(key));
      }
      for (const folder of changed) await syncFolder(folder);
      await this.#folder.confirm();
    });
  }

  async readCell(key: string): Promise<Cell | null> {
    checkKey(key);
    return this.#run(`read the cell ${key}`, () =>
      this.#orNotHere(() => readCellFiles(this.#cell(key))),
    );
  }

  async swapCell(key: string, value: Uint8Array, expectedVersion: string | null): Promise<string> {
    checkKey(key);
    checkCellBytes(key, value);
    return this.#run(`write the cell ${key}`, async () => {
      await this.#folder.begin();
      const { temporaries } = this.#folder;
      const version = await swapCellFiles(this.#cell(key), value, expectedVersion, temporaries);
      if (version !== null) return version;
      await this.#folder.confirm();
      throw cellConflict(key, expectedVersion);
    });
  }

  #object(key: string): string {
    return path.join(this.#folder.keys, fileName(key, OBJECT_ENDING));
  }

  #cell(key: string): string {
    return path.join(this.#folder.keys, fileName(key, CELL_ENDING));
  }

  async #orNotHere<T>(read: () => Promise<T | null>): Promise<T | null> {
    if (!(await this.#folder.isStarted())) return null;
    const found = await read();
    if (found === null) await this.#folder.confirm();
    return found;
  }

  async #run<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work().catch(async (error) => {
        if (errnoOf(error) === 'ENOENT') await this.#folder.confirm();
        throw error;
      });
    } catch (error) {
      throw error instanceof HoldfastError ? error : fileError(this.path, doing, error);
    }
  }
}
