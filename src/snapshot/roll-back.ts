import { findSnapshot } from './find-snapshot.js';
import { openSession } from './open-session.js';
import type { RestoreProgress } from './restore/fetch-chunks.js';
import {
  type RolledBackSession,
  SessionWriter,
  type SessionWriterOptions,
} from './session-writer.js';

export interface RollBackOptions extends SessionWriterOptions {
  /** The sequence number of the snapshot that becomes the newest one. */
  snapshot: number;
  /** Told of the bytes of that snapshot that have been read: it is read in full first. */
  onProgress?: ((progress: RestoreProgress) => void) | undefined;
}

/**
 * Makes an earlier snapshot of a session its newest one: what the next start restores, on any
 * machine. The later ones stay in the history until retention drops them, so that this can be undone
 * in the same way.
 *
 * **For a newest snapshot that is broken, not to go back in time.** A WhatsApp session's keys move on
 * with every message: with older keys, messages that came since may not be readable (WhatsApp Web
 * asks their senders to send them again), and a login that has ended since stays ended.
 *
 * Takes the session, unless a worker holds it. With a lease, open a `SessionWriter` and call its
 * `rollBack`.
 *
 * @throws {HoldfastError} those of openSession and of SessionWriter.open; SNAPSHOT_NOT_FOUND;
 *   OBJECT_MISSING, OBJECT_TRUNCATED, OBJECT_ALTERED or OBJECT_MISPLACED when that snapshot is
 *   damaged; and the store's errors. The newest snapshot is what it was then
 */
export async function rollBackSession(options: RollBackOptions): Promise<RolledBackSession> {
  const { snapshot, onProgress, ...location } = options;
  // Before the session is taken from whoever writes it, and instead of beginning one.
  findSnapshot((await openSession(location)).head, snapshot);
  const writer = await SessionWriter.open(location);
  return writer.rollBack(snapshot, onProgress);
}
