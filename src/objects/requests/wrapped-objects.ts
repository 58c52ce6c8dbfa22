import type { FormerArchives } from '../former-archives.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from '../object-store.js';

/** A backend behind something that changes how it is asked, not what it answers. */
export abstract class WrappedObjects implements ObjectStore {
  constructor(protected readonly inner: ObjectStore) {}

  get defaultSaveIntervalMs(): number | undefined {
    return this.inner.defaultSaveIntervalMs;
  }

  get defaultBudget(): number | undefined {
    return this.inner.defaultBudget;
  }

  get formerArchives(): FormerArchives | undefined {
    return this.inner.formerArchives;
  }

  abstract get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | null>;
  abstract put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  abstract list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject>;
  abstract delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  abstract readCell(key: string, signal?: AbortSignal): Promise<Cell | null>;
  abstract swapCell(
    key: string,
    value: Uint8Array,
    expectedVersion: string | null,
    signal?: AbortSignal,
  ): Promise<string>;

  async close(): Promise<void> {
    await this.inner.close?.();
  }
}
