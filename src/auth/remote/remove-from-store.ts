import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import { warn } from '../../system/warn.js';
import type { LogoutNote } from './logout-note.js';
import type { StoredSession } from './stored-session.js';

/** How long a store that is away is waited for; after that it is the next start's matter. */
const PATIENCE_MS = 30_000;
const FIRST_RETRY_MS = 500;

/**
 * Deletes a session that was logged out from the store. The note stays until that is done, so that
 * whatever ends this process, the next start deletes it.
 *
 * @returns the error when it is not done; null also when another process has the session
 */
export async function removeFromStore(
  session: StoredSession,
  note: LogoutNote,
): Promise<HoldfastError | null> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  try {
    await note.write(session.generation);
  } catch {
    // Not held any more, so that it is not ours to delete; or no note can be made on this disk.
  }
  for (let pause = FIRST_RETRY_MS; ; pause *= 2) {
    try {
      await session.remove();
      await note.remove();
      return null;
    } catch (error) {
      if (isOthers(error)) {
        await note.remove();
        return null;
      }
      if (performance.now() + pause > giveUpAt) return notRemoved(error as Error);
      if (pause === FIRST_RETRY_MS) {
        warn(
          'LOGOUT_PENDING',
          `The device is logged out, but the store keeps the session still: ` +
            `${(error as Error).message} Deleting it is tried again.`,
        );
      }
      await sleep(pause);
    }
  }
}

function isOthers(error: unknown): boolean {
  return (
    error instanceof HoldfastError &&
    ['LEASE_LOST', 'LEASE_HELD', 'SESSION_NOT_FOUND'].includes(error.code)
  );
}

function notRemoved(cause: Error): HoldfastError {
  return new HoldfastError(
    'SESSION_NOT_REMOVED',
    `The device is logged out, but the session could not be deleted in the store: ${cause.message} ` +
      'The next start with the same dataPath deletes it; `holdfast rm` does too.',
    { cause, transient: true },
  );
}
