import { HoldfastError } from '../errors.js';

/** What the command's exit status means; the text is shown by `holdfast run --help`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  noBrowser: 3,
  unreachable: 4,
  profileUnusable: 5,
  disconnected: 6,
} as const;

export const EXIT_HELP = `
Exit status:
  0  ended as asked: by Ctrl-C or SIGTERM, or the demo is over
  1  failed in a way not listed here
  2  wrong usage
  3  no browser was found, or it did not start
  4  WhatsApp Web could not be reached
  5  the session's folder cannot be used: in use, damaged, or not writable
  6  disconnected for good: the session was opened elsewhere, or WhatsApp blocks it`;

export function exitCodeOf(error: unknown): number {
  switch (error instanceof HoldfastError ? error.code : null) {
    case 'INVALID_OPTION':
    case 'INVALID_CLIENT_ID':
    case 'INVALID_PHONE_NUMBER':
      return EXIT.usage;
    case 'BROWSER_NOT_FOUND':
    case 'BROWSER_LAUNCH_FAILED':
      return EXIT.noBrowser;
    case 'AUTH_TIMEOUT':
      return EXIT.unreachable;
    case 'DATA_PATH_UNUSABLE':
    case 'PROFILE_DAMAGED':
    case 'PROFILE_IN_USE':
    case 'PROFILE_LAYOUT_UNSUPPORTED':
      return EXIT.profileUnusable;
    default:
      return EXIT.failed;
  }
}
