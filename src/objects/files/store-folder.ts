import { readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import { createFile, isThere, makeFolder, nullWhenMissing, syncFolder } from './durable-files.js';
import { Temporaries } from './temporaries.js';

const MARKER = 'holdfast-store.json';
const FORMAT = 1;
const CONTENT = `${JSON.stringify({ format: FORMAT, about: 'A Holdfast store. Keep this file.' })}\n`;

/**
 * The folder of a store:
 *
 *     holdfast-store.json   says that this is a store, and its format; there before anything else
 *     keys/                 objects and cells
 *     temporary/            what is being written
 *
 * A disk that is not mounted looks like an empty folder. So "not here" is said only beside the
 * marker, or when this store has never been seen to have one.
 */
export class StoreFolder {
  readonly path: string;
  readonly keys: string;
  readonly temporaries: Temporaries;
  #hasBeenSeen = false;
  #hasBegun = false;

  constructor(folder: string) {
    this.path = folder;
    this.keys = path.join(folder, 'keys');
    this.temporaries = new Temporaries(path.join(folder, 'temporary'), () => this.confirm());
  }

  /** False when nothing has been written yet. Asks the disk at the first call only. */
  async isStarted(): Promise<boolean> {
    return this.#hasBeenSeen || (await this.confirm());
  }

  /**
   * Asks the disk whether the store is there; to be called before saying "not here". False when
   * nothing has been written yet.
   *
   * @throws {HoldfastError} STORE_UNREACHABLE, STORE_UNUSABLE, FORMAT_UNSUPPORTED
   */
  async confirm(): Promise<boolean> {
    const marker = await this.#readMarker();
    if (marker !== null) {
      this.#checkFormat(marker);
      this.#hasBeenSeen = true;
      return true;
    }
    if (this.#hasBeenSeen) {
      throw this.#unreachable('has been there and is not there any more');
    }
    if (await isThere(this.keys)) {
      // Another process may have begun the store since we looked for the marker.
      if ((await this.#readMarker()) !== null) return this.confirm();
      throw new HoldfastError(
        'STORE_UNUSABLE',
        `The store folder ${this.path} has lost its ${MARKER}, perhaps in copying it. ` +
          'Bring the folder back whole, or give another path.',
      );
    }
    if ((await stat(path.dirname(this.path)).catch(nullWhenMissing)) === null) {
      throw this.#unreachable('is not there, nor the folder it would be in');
    }
    return false;
  }

  /** Makes the folder a store if it is not one; to be called before writing. */
  async begin(): Promise<void> {
    if (this.#hasBegun) return;
    if (!(await this.isStarted())) await this.#start();
    await this.temporaries.sweep();
    this.#hasBegun = true;
  }

  async #start(): Promise<void> {
    // Not the folders above it: on a disk that is not mounted they are missing for good reason.
    await makeFolder(this.path);
    await syncFolder(path.dirname(this.path));
    // Two that start a store at once write the same.
    await this.temporaries.use(async (temporary) => {
      await createFile(temporary, Buffer.from(CONTENT));
      await rename(temporary, path.join(this.path, MARKER));
    });
    await syncFolder(this.path);
    this.#hasBeenSeen = true;
  }

  async #readMarker(): Promise<string | null> {
    return readFile(path.join(this.path, MARKER), 'utf8').catch(nullWhenMissing);
  }

  #checkFormat(marker: string): void {
    const format = formatOf(marker);
    if (format === FORMAT) return;
    if (format !== null && format > FORMAT) {
      throw new HoldfastError(
        'FORMAT_UNSUPPORTED',
        `The store folder ${this.path} has format ${format}; this version of Holdfast knows ` +
          `${FORMAT}. Use the newer version that wrote it.`,
      );
    }
    throw new HoldfastError(
      'STORE_UNUSABLE',
      `${path.join(this.path, MARKER)} is damaged. Bring it back from a copy, or give another path.`,
    );
  }

  #unreachable(what: string): HoldfastError {
    return new HoldfastError(
      'STORE_UNREACHABLE',
      `The store folder ${this.path} ${what}. ` +
        `Mount its disk, or, for a new store, make ${path.dirname(this.path)}.`,
      { transient: true },
    );
  }
}

function formatOf(marker: string): number | null {
  try {
    const { format } = JSON.parse(marker) as { format?: unknown };
    return typeof format === 'number' ? format : null;
  } catch {
    return null;
  }
}
