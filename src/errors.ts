/**
 * Every code Holdfast throws. Codes are stable: programs switch on them, messages may change.
 */
export type ErrorCode =
  | 'ADDRESS_UNUSABLE'
  | 'ALREADY_LINKED'
  | 'ARCHIVE_DAMAGED'
  | 'ARCHIVE_NOT_FOUND'
  | 'ARCHIVE_REFUSED'
  | 'AUTH_TIMEOUT'
  | 'BROWSER_CLOSED'
  | 'BROWSER_LAUNCH_FAILED'
  | 'BROWSER_NOT_FOUND'
  | 'BROWSER_TOO_OLD'
  | 'CAPTURE_FAILED'
  | 'CELL_CONFLICT'
  | 'CLIENT_DESTROYED'
  | 'CLIENT_MISSING'
  | 'DATA_PATH_UNUSABLE'
  | 'FORMAT_UNSUPPORTED'
  | 'HEAD_DAMAGED'
  | 'HEAD_LOST'
  | 'INCOMPATIBLE_OPTIONS'
  | 'INVALID_CLIENT_ID'
  | 'INVALID_KEY'
  | 'INVALID_OPTION'
  | 'INVALID_PHONE_NUMBER'
  | 'KEY_DAMAGED'
  | 'KEY_LOST'
  | 'KEY_MISSING'
  | 'KEY_UNAVAILABLE'
  | 'KEY_WRONG'
  | 'LEASE_DAMAGED'
  | 'LEASE_HELD'
  | 'LEASE_LOST'
  | 'LINKING_FAILED'
  | 'NO_CONDITIONAL_WRITES'
  | 'NOT_INITIALIZED'
  | 'NOT_READY'
  | 'OBJECT_ALTERED'
  | 'OBJECT_MISPLACED'
  | 'OBJECT_MISSING'
  | 'OBJECT_TRUNCATED'
  | 'PAGE_CHANGED'
  | 'PROFILE_DAMAGED'
  | 'PROFILE_EMPTY'
  | 'PROFILE_IN_USE'
  | 'PROFILE_LAYOUT_UNSUPPORTED'
  | 'PROFILE_NOT_REMOVED'
  | 'ROSTER_DAMAGED'
  | 'ROSTER_FULL'
  | 'SEND_FAILED'
  | 'SESSION_EXISTS'
  | 'SESSION_LOGGED_OUT'
  | 'SESSION_NOT_FOUND'
  | 'SESSION_NOT_REMOVED'
  | 'SESSION_NOT_SEALED'
  | 'SESSION_TAKEN'
  | 'SNAPSHOT_NOT_FOUND'
  | 'STORE_FULL'
  | 'STORE_UNREACHABLE'
  | 'STORE_UNUSABLE'
  | 'TIMED_OUT'
  | 'UNSUPPORTED_CONTENT'
  | 'WEBHOOK_NOT_FOUND'
  | 'WEBHOOK_REFUSED'
  | 'WEBHOOKS_DAMAGED';

export interface HoldfastErrorOptions {
  /** What went wrong underneath. */
  cause?: unknown;
  /** True when the same call may succeed later without any change by the caller. Default: false. */
  transient?: boolean;
}

/**
 * The one error class of Holdfast. Its message says what was wrong and what to do;
 * its `code` is what a program looks at.
 *
 * @example
 * try {
 *   await client.initialize();
 * } catch (error) {
 *   if (error instanceof HoldfastError && error.code === 'PROFILE_IN_USE') process.exit(3);
 *   throw error;
 * }
 */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  readonly code: ErrorCode;
  readonly transient: boolean;

  constructor(code: ErrorCode, message: string, options: HoldfastErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.transient = options.transient ?? false;
  }
}
