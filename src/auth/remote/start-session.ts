import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import { warn } from '../../system/warn.js';
import type { LogoutNote } from './logout-note.js';
import type { BroughtProfile, StoredSession } from './stored-session.js';

export interface StartOptions {
  userDataDir: string;
  note: LogoutNote;
  /** The login of holds up to this one has ended, and the store does not know it yet. */
  unlinkedUpTo: number | null;
  /** How long a store may be away, in milliseconds. */
  storeTimeoutMs: number;
  signal: AbortSignal;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

/**
 * Holds the session and brings its profile into the folder. A store that cannot be asked is waited
 * for: what it holds is not known then, and nothing is begun anew because of that.
 *
 * @throws the store's error once it has been away for too long, and all others at once
 */
export async function startSession(
  session: StoredSession,
  { userDataDir, note, unlinkedUpTo, storeTimeoutMs, signal }: StartOptions,
): Promise<BroughtProfile> {
  let awaySince: number | null = null;
  for (let pause = FIRST_RETRY_MS; ; pause = Math.min(2 * pause, LAST_RETRY_MS)) {
    try {
      await session.hold(signal);
      const loggedOut = await note.read();
      if (loggedOut !== null) {
        await session.remove(loggedOut);
        await note.remove();
        await session.hold(signal);
      }
      if (unlinkedUpTo !== null) await session.markUnlinked(unlinkedUpTo);
      return await session.bring(userDataDir);
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw error;
      const now = performance.now();
      if (awaySince === null) {
        awaySince = now;
        warn(
          'STORE_AWAY',
          `The session cannot be brought from the store yet: ${(error as Error).message} It is ` +
            `tried again for ${Math.round(storeTimeoutMs / 1000)} s.`,
        );
      }
      if (now + pause - awaySince > storeTimeoutMs) throw error;
      await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** A store's own trouble; stores of others may throw anything. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof HoldfastError)) return true;
  if (['LEASE_LOST', 'SESSION_TAKEN'].includes(error.code)) return true;
  return error.transient && /^(STORE|KEY)_/.test(error.code);
}
