import type { AuthenticationNeeded } from '../auth/auth-strategy.js';
import { HoldfastError } from '../errors.js';
import type { DisconnectReason } from './client-events.js';

/** How a run comes to its end without having been closed. */
export type RunEnd =
  /** The device is not linked any more. */
  | { kind: 'unlinked' }
  /** The session is as it was, but this browser cannot go on. */
  | { kind: 'gone'; reason: DisconnectReason; error?: Error }
  /** The strategy says that the login it should have brought is not there. */
  | { kind: 'auth_failure'; answer: AuthenticationNeeded };

/** The error that such an end is for a start that it interrupts, if it is one. */
export function startErrorOf(end: RunEnd): Error | undefined {
  if (end.kind !== 'gone') return undefined;
  if (end.error || !/^(BROWSER|PAGE)_/.test(end.reason)) return end.error;
  return new HoldfastError(
    'BROWSER_CLOSED',
    `The browser ended while it was started (${end.reason}).`,
    { transient: true },
  );
}
