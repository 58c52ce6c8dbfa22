import { HoldfastError } from '../../errors.js';
import { SessionWriter, type SessionWriterOptions } from '../session-writer.js';
import { LeaseHeldError, type LeaseHolder } from './lease-held-error.js';
import { type OnLeaseHeld, untilFree } from './until-free.js';
import type { Worker } from './worker.js';

export interface TakeSessionOptions extends SessionWriterOptions {
  /** Holds the session from then on. */
  worker: Worker;
  onLeaseHeld: OnLeaseHeld;
  signal?: AbortSignal | undefined;
  /** Called when a holder is waited for. */
  onWaiting?: ((holder: LeaseHolder) => void) | undefined;
}

/**
 * Takes a session once nobody else holds it. In one process, several that want the same session are
 * told apart by `Worker.claim`.
 *
 * @throws {HoldfastError} LEASE_HELD, those of `SessionWriter.open`, and the store's errors
 */
export async function takeSession(options: TakeSessionOptions): Promise<SessionWriter> {
  const { worker, onLeaseHeld, signal, onWaiting, ...writerOptions } = options;
  const { store, session } = writerOptions;
  const how = { own: worker.id, onLeaseHeld, signal };
  for (;;) {
    const formerOwner = await untilFree(store, session, onWaiting, how);
    try {
      return await SessionWriter.open({ ...writerOptions, owner: worker.id, formerOwner });
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
