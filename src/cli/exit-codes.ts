import { HoldfastError } from '../errors.js';

/** What the command's exit status means; the texts are shown by `--help`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  noBrowser: 3,
  unreachable: 4,
  profileUnusable: 5,
  disconnected: 6,
  storeUnusable: 7,
  notFound: 8,
  keyUnusable: 9,
  damaged: 10,
  held: 11,
} as const;

export const EXIT_HELP = `
Exit status:
  0  ended as asked: by Ctrl-C or SIGTERM, or the demo is over
  1  failed in a way not listed here
  2  wrong usage
  3  no browser was found, it did not start, or it is older than the session's
  4  WhatsApp Web could not be reached
  5  the session's folder cannot be used: in use, damaged, or not writable
  6  disconnected for good: the session was opened elsewhere, or WhatsApp blocks it
  7  the store could not be reached or used for five minutes
  9  the key is missing or wrong, or the session is not sealed though a key was given
 10  what is in the store is damaged
 11  another process holds the session (with --on-lease-held fail)`;

/** Of `serve`, whose sessions end and start again without it. */
export const SERVE_EXIT_HELP = `
Exit status:
  0  ended as asked, by Ctrl-C or SIGTERM: all sessions were saved and handed over
  1  failed in a way not listed here, or not all sessions were handed over in time
  2  wrong usage, or nothing can listen at that host and port
  5  the folder of --data-path cannot be used
  7  the store could not be reached or used at the start
  9  there is no key
 10  the list of sessions in the store is damaged`;

/** Of the commands that work on a store. */
export const STORE_EXIT_HELP = `
Exit status:
  0  done
  1  failed in a way not listed here
  2  wrong usage
  5  the folder or file on this machine cannot be used: in use, damaged, or not writable
  7  the store cannot be reached or used, or is full
  8  there is no such session, snapshot or archive
  9  the key is missing or wrong, or the session is not sealed though a key was given
 10  what is in the store, or in the archive, is damaged
 11  another process holds the session, or has taken it meanwhile`;

export interface ErrorReport {
  code: string;
  message: string;
}

/** What programs are told of an error; those that are not ours have the code UNEXPECTED. */
export function errorReport(error: unknown): ErrorReport {
  const code = error instanceof HoldfastError ? error.code : 'UNEXPECTED';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

export function exitCodeOf(error: unknown): number {
  switch (error instanceof HoldfastError ? error.code : null) {
    case 'ADDRESS_UNUSABLE':
    case 'INVALID_OPTION':
    case 'INVALID_CLIENT_ID':
    case 'INVALID_KEY':
    case 'INVALID_PHONE_NUMBER':
      return EXIT.usage;
    case 'BROWSER_NOT_FOUND':
    case 'BROWSER_LAUNCH_FAILED':
    case 'BROWSER_TOO_OLD':
      return EXIT.noBrowser;
    case 'AUTH_TIMEOUT':
      return EXIT.unreachable;
    case 'DATA_PATH_UNUSABLE':
    case 'CAPTURE_FAILED':
    case 'PROFILE_DAMAGED':
    case 'PROFILE_EMPTY':
    case 'PROFILE_IN_USE':
    case 'PROFILE_LAYOUT_UNSUPPORTED':
      return EXIT.profileUnusable;
    case 'CLIENT_MISSING':
    case 'NO_CONDITIONAL_WRITES':
    case 'ROSTER_FULL':
    case 'SESSION_NOT_REMOVED':
    case 'STORE_FULL':
    case 'STORE_UNREACHABLE':
    case 'STORE_UNUSABLE':
      return EXIT.storeUnusable;
    case 'ARCHIVE_NOT_FOUND':
    case 'SESSION_LOGGED_OUT':
    case 'SESSION_NOT_FOUND':
    case 'SNAPSHOT_NOT_FOUND':
      return EXIT.notFound;
    case 'KEY_LOST':
    case 'KEY_MISSING':
    case 'KEY_UNAVAILABLE':
    case 'KEY_WRONG':
    case 'SESSION_NOT_SEALED':
      return EXIT.keyUnusable;
    case 'ARCHIVE_DAMAGED':
    case 'ARCHIVE_REFUSED':
    case 'FORMAT_UNSUPPORTED':
    case 'HEAD_DAMAGED':
    case 'HEAD_LOST':
    case 'KEY_DAMAGED':
    case 'LEASE_DAMAGED':
    case 'OBJECT_ALTERED':
    case 'OBJECT_MISPLACED':
    case 'OBJECT_MISSING':
    case 'OBJECT_TRUNCATED':
    case 'ROSTER_DAMAGED':
      return EXIT.damaged;
    case 'LEASE_HELD':
    case 'LEASE_LOST':
    case 'SESSION_TAKEN':
      return EXIT.held;
    default:
      return EXIT.failed;
  }
}
