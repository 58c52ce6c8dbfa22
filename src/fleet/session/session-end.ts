import type { DisconnectReason } from '../../client/client-events.js';
import { HoldfastError } from '../../errors.js';
import { LeaseHeldError } from '../../snapshot/lease/lease-held-error.js';

/** How a client's hold of a session has come to its end. */
export type SessionEnd =
  /** As it was told to. */
  | { how: 'told' }
  /** Another process has the session, or is to have it. */
  | { how: 'lease-lost' }
  /** The browser or its page: another start may do. */
  | { how: 'passing'; reason: DisconnectReason }
  /** It was opened elsewhere, or WhatsApp blocks it: another start is of no use by itself. */
  | { how: 'for-good'; reason: DisconnectReason }
  /** The start has failed. */
  | { how: 'failed'; error: unknown };

const PASSING: readonly DisconnectReason[] = [
  'BROWSER_CLOSED',
  'PAGE_CLOSED',
  'PAGE_CRASHED',
  'LINKING_FAILED',
];

export function endByDisconnect(reason: DisconnectReason): SessionEnd {
  if (reason === 'LEASE_LOST') return { how: 'lease-lost' };
  return { how: PASSING.includes(reason) ? 'passing' : 'for-good', reason };
}

export function endByError(error: unknown): SessionEnd {
  const isLost = error instanceof HoldfastError && error.code === 'LEASE_LOST';
  return isLost ? { how: 'lease-lost' } : { how: 'failed', error };
}

/** Whether another worker than `self` has the session. */
export function isElsewhere(end: SessionEnd, self: string | undefined): boolean {
  if (end.how === 'lease-lost') return true;
  if (end.how !== 'failed') return false;
  const { error } = end;
  if (error instanceof LeaseHeldError) return error.holder.worker !== self;
  return error instanceof HoldfastError && error.code === 'SESSION_TAKEN';
}

/** The code and the words for an end that somebody should look at. */
export function describeEnd(end: SessionEnd): { code: string; message: string } {
  switch (end.how) {
    case 'told':
      return { code: 'STOPPED', message: 'It was stopped.' };
    case 'lease-lost':
      return { code: 'LEASE_LOST', message: 'Another worker holds the session now.' };
    case 'passing':
      return { code: end.reason, message: WORDS[end.reason] ?? `The client ended: ${end.reason}.` };
    case 'for-good':
      return {
        code: end.reason,
        message: WORDS[end.reason] ?? `WhatsApp Web has ended the session: ${end.reason}.`,
      };
    case 'failed': {
      const { error } = end;
      const message = error instanceof Error ? error.message : String(error);
      return { code: error instanceof HoldfastError ? error.code : 'UNEXPECTED', message };
    }
  }
}

const WORDS: Partial<Record<DisconnectReason, string>> = {
  BROWSER_CLOSED: 'The browser has ended by itself.',
  PAGE_CLOSED: "The browser's page was closed.",
  PAGE_CRASHED: "The browser's page has crashed.",
  PAGE_CHANGED: 'WhatsApp Web lacks something that Holdfast needs. Update Holdfast.',
  LINKING_FAILED: 'There was no way left to link the device.',
  CONFLICT: 'WhatsApp Web was opened elsewhere with this device. Close it there, then restart.',
  PROXYBLOCK: 'WhatsApp blocks the address that this worker connects from.',
  TOS_BLOCK: 'WhatsApp has blocked the account.',
  SMB_TOS_BLOCK: 'WhatsApp has blocked the business account.',
  DEPRECATED_VERSION: 'WhatsApp does not accept this version of WhatsApp Web any more.',
};
