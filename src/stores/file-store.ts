import { type Check, checkOptions } from '../check-options.js';
import { HoldfastError } from '../errors.js';
import { FileObjects } from '../objects/file-objects.js';
import type { ArchiveMethodOptions } from './archive-methods.js';
import { BackedStore, STORE_CHECKS } from './backed-store.js';

export interface FileStoreOptions extends ArchiveMethodOptions {
  /**
   * The folder of the store. The first save makes it; the folder above it must be there. On a disk
   * that is mounted, give a folder two below the mount point, such as `/mnt/disk/holdfast/store`:
   * then a disk that is not mounted is an error, and never looks like a store without sessions.
   */
  path: string;
}

const CHECKS: Record<string, Check> = {
  ...STORE_CHECKS,
  path: [(value) => typeof value === 'string' && value !== '', 'the path of a folder'],
};

/**
 * Keeps sessions in a folder. Several processes may use one folder at once, and several machines
 * when it is on a shared disk; files are readable for their owner only.
 *
 * @example
 * const store = new FileStore({ path: './sessions' });
 */
export class FileStore extends BackedStore {
  /** The folder, as an absolute path. */
  readonly path: string;

  /** @throws {HoldfastError} INVALID_OPTION, INVALID_KEY */
  constructor(options: FileStoreOptions) {
    checkOptions('FileStore.', options, CHECKS);
    if (options.path === undefined) {
      throw new HoldfastError(
        'INVALID_OPTION',
        'FileStore needs a folder: new FileStore({ path: "./sessions" }).',
      );
    }
    const objects = new FileObjects({ path: options.path });
    super(objects, options);
    this.path = objects.path;
  }
}
