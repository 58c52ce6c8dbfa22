/**
 * Every code Holdfast throws. Codes are stable: programs switch on them, messages may change.
 */
export type ErrorCode =
  | 'ALREADY_LINKED'
  | 'AUTH_TIMEOUT'
  | 'BROWSER_CLOSED'
  | 'BROWSER_LAUNCH_FAILED'
  | 'BROWSER_NOT_FOUND'
  | 'CLIENT_DESTROYED'
  | 'DATA_PATH_UNUSABLE'
  | 'INCOMPATIBLE_OPTIONS'
  | 'INVALID_CLIENT_ID'
  | 'INVALID_OPTION'
  | 'INVALID_PHONE_NUMBER'
  | 'LINKING_FAILED'
  | 'NOT_INITIALIZED'
  | 'NOT_READY'
  | 'PAGE_CHANGED'
  | 'PROFILE_DAMAGED'
  | 'PROFILE_IN_USE'
  | 'PROFILE_LAYOUT_UNSUPPORTED'
  | 'PROFILE_NOT_REMOVED'
  | 'SEND_FAILED'
  | 'UNSUPPORTED_CONTENT';

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
