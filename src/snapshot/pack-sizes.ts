import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { packKey, packsPrefix, parsePackName } from './format.js';
import type { BlobRef } from './manifest.js';

/** The packs of a session, by name, with their sizes in bytes. */
export async function listPackSizes(
  store: ObjectStore,
  session: string,
): Promise<Map<string, number>> {
  const prefix = packsPrefix(session);
  const sizes = new Map<string, number>();
  for await (const { key, size } of store.list(prefix)) {
    const name = key.slice(prefix.length);
    if (parsePackName(name)) sizes.set(name, size);
  }
  return sizes;
}

/**
 * Makes sure that the packs are there and long enough, without reading them.
 *
 * @throws {HoldfastError} OBJECT_MISSING, OBJECT_TRUNCATED
 */
export function requireRefs(
  refs: Iterable<BlobRef>,
  sizes: ReadonlyMap<string, number>,
  session: string,
): void {
  for (const { pack, offset, stored } of refs) {
    const size = sizes.get(pack);
    if (size !== undefined && offset + stored <= size) continue;
    throw new HoldfastError(
      size === undefined ? 'OBJECT_MISSING' : 'OBJECT_TRUNCATED',
      `In the store, the object ${packKey(session, pack)} ` +
        `${size === undefined ? 'is not there' : 'is shorter than it should be'}.`,
    );
  }
}
