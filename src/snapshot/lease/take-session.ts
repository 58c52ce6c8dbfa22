import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import { readHead } from '../open-session.js';
import { SessionWriter, type SessionWriterOptions } from '../session-writer.js';
import { HolderWatch } from './holder-watch.js';
import { LeaseHeldError, type LeaseHolder } from './lease-held-error.js';
import type { Worker } from './worker.js';

/**
 * What to do when another process holds a session:
 * - `wait`: until it releases it, or is gone;
 * - `fail`: with LEASE_HELD, as soon as it is seen to live. That takes a third of its lease term at
 *   most; one that is gone is not waited for longer than its term;
 * - `takeover`: ask it to save, close and release the session, and wait.
 */
export type OnLeaseHeld = 'wait' | 'fail' | 'takeover';

export interface TakeSessionOptions extends SessionWriterOptions {
  /** Holds the session from then on; null: nobody does, for a change that is over at once. */
  worker: Worker | null;
  onLeaseHeld: OnLeaseHeld;
  signal?: AbortSignal | undefined;
  /** Called once for each holder that is waited for. */
  onWaiting?: ((holder: LeaseHolder) => void) | undefined;
}

/** So often within a lease term it is looked whether the holder has released the session. */
const LOOKS_PER_TERM = 15;

/**
 * Takes a session once nobody else holds it. In one process, several that want the same session are
 * told apart by `Worker.claim`.
 *
 * @throws {HoldfastError} LEASE_HELD, those of `SessionWriter.open`, and the store's errors
 */
export async function takeSession(options: TakeSessionOptions): Promise<SessionWriter> {
  const { worker, onLeaseHeld, signal, onWaiting, ...writerOptions } = options;
  const { store, session } = writerOptions;
  let watch: HolderWatch | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal?.throwIfAborted();
    const owner = (await readHead(store, session))?.decoded.head.owner ?? null;
    if (owner !== null && owner !== worker?.id) {
      const isNew = watch?.worker !== owner;
      if (watch === null || isNew) watch = new HolderWatch(store, owner);
      const sight = await watch.look();
      if (sight.is !== 'gone') {
        const { holder } = sight;
        if (onLeaseHeld === 'fail' && sight.is === 'alive') {
          throw new LeaseHeldError(session, holder);
        }
        if (isNew) onWaiting?.(holder);
        if (onLeaseHeld === 'takeover' && performance.now() - askedAt > holder.termMs) {
          await watch.ask(session);
          askedAt = performance.now();
        }
        await pause(holder.termMs / LOOKS_PER_TERM, signal);
        continue;
      }
    }
    try {
      return await SessionWriter.open({
        ...writerOptions,
        owner: worker?.id ?? null,
        formerOwner: owner,
      });
    } catch (error) {
      // Another one was faster: then it is the holder now.
      if (!isBeaten(error)) throw error;
    }
  }
}

function isBeaten(error: unknown): boolean {
  return (
    error instanceof HoldfastError &&
    (error.code === 'SESSION_TAKEN' || error instanceof LeaseHeldError)
  );
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
