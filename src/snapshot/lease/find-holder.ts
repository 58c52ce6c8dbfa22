import type { ObjectStore } from '../../objects/object-store.js';
import { isSurelyGone } from './bury-worker.js';
import { holderOf, type LeaseHolder } from './lease-held-error.js';
import { readWorker } from './read-worker.js';

/**
 * Who a worker is that a head names as its owner; null when it is gone. One look tells no more: a
 * worker of another machine that has crashed is found here until somebody has watched it.
 *
 * @throws {HoldfastError} FORMAT_UNSUPPORTED, LEASE_DAMAGED, and the store's errors
 */
export async function findHolder(
  store: ObjectStore,
  owner: string | null,
): Promise<LeaseHolder | null> {
  const found = owner === null ? null : await readWorker(store, owner);
  if (found === null || found.cell.isDead || (await isSurelyGone(found.cell))) return null;
  return holderOf(found.cell);
}
