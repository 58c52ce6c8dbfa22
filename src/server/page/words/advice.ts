import type { Alert } from '../../../fleet/session-view.js';

interface Advice {
  /** A few words for the list. */
  title: string;
  whatToDo: string;
}

const STORE: Advice = {
  title: 'Store cannot be reached',
  whatToDo:
    'The session runs on and is saved as soon as the store answers. Check the store and the network to it.',
};
const DAMAGED: Advice = {
  title: 'Stored session is damaged',
  whatToDo: 'Check the snapshots below. If an earlier one is whole, go back to it.',
};
const KEY: Advice = {
  title: 'Encryption key does not fit',
  whatToDo: 'Give the workers the key that this session was saved with, then restart the session.',
};
const TAKEN: Advice = {
  title: 'Held by another process',
  whatToDo: 'Nothing, if a worker of this fleet has it now. Otherwise end the other process.',
};
const BROWSER: Advice = {
  title: 'Browser ended',
  whatToDo: 'It is started again by itself. If this repeats, look at the memory of its worker.',
};
const UNLINKED: Advice = {
  title: 'Not linked any more',
  whatToDo: 'Link the phone again. The snapshots are kept until then.',
};
const BLOCKED: Advice = {
  title: 'Blocked by WhatsApp',
  whatToDo: 'Open WhatsApp on the phone: it says why, and how to ask for a review.',
};

const ADVICE: Record<string, Advice> = {
  STORE_UNREACHABLE: STORE,
  STORE_UNUSABLE: {
    title: 'Store refuses',
    whatToDo: 'The session runs on, but is not saved. Check the permissions of the store.',
  },
  STORE_FULL: {
    title: 'Store is full',
    whatToDo: 'Make room in the store. Saving goes on by itself.',
  },
  OBJECT_ALTERED: DAMAGED,
  OBJECT_MISPLACED: DAMAGED,
  OBJECT_MISSING: DAMAGED,
  OBJECT_TRUNCATED: DAMAGED,
  HEAD_DAMAGED: DAMAGED,
  HEAD_LOST: {
    title: 'Stored session has no head',
    whatToDo: 'Run "holdfast repair" for this session, then restart it.',
  },
  PROFILE_DAMAGED: DAMAGED,
  CAPTURE_FAILED: {
    title: 'Could not be saved',
    whatToDo: 'The snapshot before it stands. It is tried again by itself.',
  },
  KEY_MISSING: KEY,
  KEY_WRONG: KEY,
  KEY_LOST: KEY,
  KEY_DAMAGED: KEY,
  KEY_UNAVAILABLE: {
    title: 'Encryption key cannot be asked for',
    whatToDo: 'Check the service that keeps the key, then restart the session.',
  },
  LEASE_LOST: TAKEN,
  LEASE_HELD: TAKEN,
  SESSION_TAKEN: TAKEN,
  BROWSER_CLOSED: BROWSER,
  PAGE_CRASHED: BROWSER,
  PAGE_CLOSED: BROWSER,
  BROWSER_LAUNCH_FAILED: {
    title: 'Browser does not start',
    whatToDo:
      'Look at the log of its worker: memory, /dev/shm and permissions are the usual causes.',
  },
  BROWSER_TOO_OLD: {
    title: 'Browser of the worker is too old',
    whatToDo: 'Update the browser on this worker: an older one would lose the login.',
  },
  PAGE_CHANGED: {
    title: 'WhatsApp Web has changed',
    whatToDo: 'Update Holdfast. The session is kept.',
  },
  AUTH_TIMEOUT: {
    title: 'WhatsApp Web does not load',
    whatToDo: 'Check that the worker reaches web.whatsapp.com.',
  },
  SNAPSHOT_DAMAGED: {
    title: 'Started from an earlier snapshot',
    whatToDo: 'Check the snapshots below, and the store that they are in.',
  },
  TOS_BLOCK: BLOCKED,
  SMB_TOS_BLOCK: BLOCKED,
  PROXYBLOCK: {
    title: 'WhatsApp blocks the address',
    whatToDo:
      'Let its worker connect from another address, or through another proxy. Then restart it.',
  },
  DEPRECATED_VERSION: {
    title: 'WhatsApp Web is too old',
    whatToDo: 'Restart the session. If it stays, update Holdfast and the browser.',
  },
  CONFLICT: {
    title: 'Opened elsewhere',
    whatToDo:
      'WhatsApp Web was opened with this login in another place. Close it there, then restart.',
  },
  LOGOUT: UNLINKED,
  UNLINKED,
  SESSION_LOGGED_OUT: UNLINKED,
  LINKING_FAILED: {
    title: 'Linking was refused',
    whatToDo: 'WhatsApp refuses too many tries for a while. Wait some minutes and link again.',
  },
};

const OTHER: Advice = {
  title: 'Needs a look',
  whatToDo: 'Restart the session. If it stays, look at the log of its worker.',
};

export function adviceFor({ code }: Alert): Advice {
  return ADVICE[code] ?? OTHER;
}
