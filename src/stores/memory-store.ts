import { checkOptions } from '../check-options.js';
import { MemoryObjects } from '../objects/memory-objects.js';
import type { ArchiveMethodOptions } from './archive-methods.js';
import { BackedStore, STORE_CHECKS } from './backed-store.js';

/** Keeps sessions in the memory of this process; they are gone with it. For tests. */
export class MemoryStore extends BackedStore {
  /** @throws {HoldfastError} INVALID_OPTION, INVALID_KEY */
  constructor(options: ArchiveMethodOptions = {}) {
    checkOptions('MemoryStore.', options, STORE_CHECKS);
    super(new MemoryObjects(), options);
  }
}
