import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { readHead } from '../open-session.js';
import { HolderWatch } from './holder-watch.js';
import { LeaseHeldError, type LeaseHolder } from './lease-held-error.js';

/**
 * What to do when another process holds a session:
 * - `wait`: until it releases it, or is gone;
 * - `fail`: with LEASE_HELD, as soon as it is seen to live. That takes a third of its lease term at
 *   most; one that is gone is not waited for longer than its term;
 * - `takeover`: ask it to save, close and release the session, and wait.
 */
export type OnLeaseHeld = 'wait' | 'fail' | 'takeover';

export interface UntilFreeOptions {
  /** A worker whose hold is none: one's own. */
  own?: string | undefined;
  /** Default: `fail`. */
  onLeaseHeld?: OnLeaseHeld | undefined;
  signal?: AbortSignal | undefined;
}

/** So often within a lease term it is looked whether the holder lives, or has let go. */
const LOOKS_PER_TERM = 15;

/**
 * Resolves when nobody holds a session: at once when nobody does; else the holder is watched. A head
 * that cannot be read names no holder.
 *
 * @param onWatching called once for each holder that is watched
 * @returns the worker that the head still names though it is gone, or one's own; null: none
 * @throws {HoldfastError} LEASE_HELD, LEASE_DAMAGED, FORMAT_UNSUPPORTED, and the store's errors
 */
export async function untilFree(
  store: ObjectStore,
  session: string,
  onWatching: (holder: LeaseHolder) => void = () => undefined,
  { own, onLeaseHeld = 'fail', signal }: UntilFreeOptions = {},
): Promise<string | null> {
  let watch: HolderWatch | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal?.throwIfAborted();
    const owner = await readOwner(store, session);
    if (owner === null || owner === own) return owner;
    const isNew = watch?.worker !== owner;
    if (watch === null || isNew) watch = new HolderWatch(store, owner);
    const sight = await watch.look();
    if (sight.is === 'gone') return owner;
    const { holder } = sight;
    if (onLeaseHeld === 'fail' && sight.is === 'alive') throw new LeaseHeldError(session, holder);
    if (isNew) onWatching(holder);
    if (onLeaseHeld === 'takeover' && performance.now() - askedAt > holder.termMs) {
      await watch.ask(session);
      askedAt = performance.now();
    }
    await pause(holder.termMs / LOOKS_PER_TERM, signal);
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

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
