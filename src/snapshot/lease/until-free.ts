import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { readHead } from '../open-session.js';
import { HolderWatch } from './holder-watch.js';
import { LeaseHeldError, type LeaseHolder } from './lease-held-error.js';

/** So often within a lease term it is looked whether the holder lives. */
const LOOKS_PER_TERM = 15;

/**
 * Finds out whether a session may be changed by somebody who does not hold it: at once when nobody
 * does; else by watching the holder, for its lease term at most. A head that cannot be read names no
 * holder.
 *
 * @param onWatching called once for each holder that is watched
 * @throws {HoldfastError} LEASE_HELD as soon as the holder is seen to live, LEASE_DAMAGED,
 *   FORMAT_UNSUPPORTED, and the store's errors
 */
export async function untilFree(
  store: ObjectStore,
  session: string,
  onWatching: (holder: LeaseHolder) => void = () => undefined,
): Promise<void> {
  let watch: HolderWatch | null = null;
  for (;;) {
    const owner = await readOwner(store, session);
    if (owner === null) return;
    const isNew = watch?.worker !== owner;
    if (watch === null || isNew) watch = new HolderWatch(store, owner);
    const sight = await watch.look();
    if (sight.is === 'gone') return;
    if (sight.is === 'alive') throw new LeaseHeldError(session, sight.holder);
    if (isNew) onWatching(sight.holder);
    await sleep(sight.holder.termMs / LOOKS_PER_TERM);
  }
}

async function readOwner(store: ObjectStore, session: string): Promise<string | null> {
  try {
    return (await readHead(store, session))?.decoded.head.owner ?? null;
  } catch (error) {
    if (error instanceof HoldfastError && /^HEAD_/.test(error.code)) return null;
    throw error;
  }
}
