import type { HoldfastError } from '../../errors.js';
import type { AdoptedSession } from '../../snapshot/archive/adopt-session.js';
import type { LeaseHolder } from '../../snapshot/lease/lease-held-error.js';
import type { SavedSnapshot } from '../../snapshot/session-writer.js';
import { emitSafely } from '../../system/emit-safely.js';
import type { StrategyClient } from '../auth-strategy.js';
import type { SaveReason } from './save-loop.js';
import type { BroughtProfile } from './stored-session.js';

/** A snapshot that is in the store now. */
export interface SessionSaved extends SavedSnapshot {
  reason: SaveReason;
}

/** A save that failed; the snapshot before it stands. */
export interface SessionSaveFailed {
  session: string;
  error: unknown;
  /** When it is tried again, in milliseconds; null: it is not. */
  nextTryMs: number | null;
}

/** Where the profile has come from that the browser is started with, and how long that took. */
export type SessionRestored = { session: string; durationMs: number } & Exclude<
  BroughtProfile,
  { from: 'nowhere' }
>;

/** A session that another process holds. */
export interface LeaseWaiting {
  session: string;
  holder: LeaseHolder;
}

/** A session that another process has now, and why. */
export interface LeaseLost {
  session: string;
  error: HoldfastError;
}

/** What RemoteAuth emits on its client. */
export interface RemoteAuthEvents {
  /** As in whatsapp-web.js: the first save of a new link is in the store. */
  remote_session_saved: [];
  /** A snapshot is in the store; comes after every save. */
  session_saved: [saved: SessionSaved];
  session_save_failed: [failed: SessionSaveFailed];
  /** At a start from something that was kept. */
  session_restored: [restored: SessionRestored];
  /** At a start: the session was taken over from whatsapp-web.js's archive, which stays. */
  session_adopted: [adopted: AdoptedSession];
  /** A start waits until another process releases the session, or is gone. */
  lease_waiting: [waiting: LeaseWaiting];
  /** The client closes; `disconnected` with `LEASE_LOST` follows. */
  lease_lost: [lost: LeaseLost];
}

type Told = RemoteAuthEvents & { disconnected: [reason: 'LEASE_LOST'] };

export function tell<E extends keyof Told>(
  client: StrategyClient,
  event: E,
  ...args: Told[E]
): void {
  emitSafely(client, event, args);
}
