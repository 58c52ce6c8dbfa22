import type { ObjectStore } from '../../objects/object-store.js';
import type { Head } from '../head.js';
import { holderOf, LeaseHeldError } from './lease-held-error.js';
import { readWorker } from './read-worker.js';

/**
 * Whoever only looks once cannot know that a worker is gone, unless that was said: so one whose cell
 * is there counts as alive.
 *
 * @param allowed workers that may hold it: one's own, and one that is known to be gone
 * @throws {HoldfastError} LEASE_HELD, LEASE_DAMAGED, FORMAT_UNSUPPORTED, and the store's errors
 */
export async function refuseIfHeld(
  store: ObjectStore,
  session: string,
  head: Head | null,
  allowed: readonly (string | null)[],
): Promise<void> {
  if (head === null || head.owner === null || allowed.includes(head.owner)) return;
  const holder = await readWorker(store, head.owner);
  if (holder === null || holder.cell.isDead) return;
  throw new LeaseHeldError(session, holderOf(holder.cell));
}
