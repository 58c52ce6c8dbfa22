import { type ErrorCode, HoldfastError } from '../errors.js';

/** Codes of answers that are about the request; the others are those of HoldfastError. */
export type ApiErrorCode =
  | 'CROSS_SITE'
  | 'FLEET_SECRET_MISSING'
  | 'FORBIDDEN'
  | 'HOST_NOT_ALLOWED'
  | 'INTERNAL'
  | 'INVALID_REQUEST'
  | 'LINK_EXPIRED'
  | 'NOT_FOUND'
  | 'NOT_JSON'
  | 'NOT_LINKING'
  | 'SESSION_NOT_HELD'
  | 'SESSION_STOPPED'
  | 'TOO_LARGE'
  | 'TOO_MANY_REQUESTS'
  | 'TOO_MANY_STREAMS'
  | 'UNAUTHENTICATED';

export interface ApiErrorOptions {
  retryAfterS?: number;
}

/** A request that is answered with an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly retryAfterS: number | undefined;

  constructor(
    readonly status: number,
    readonly code: ApiErrorCode,
    message: string,
    { retryAfterS }: ApiErrorOptions = {},
  ) {
    super(message);
    this.retryAfterS = retryAfterS;
  }
}

const RETRY_AFTER_S = 2;

const STATUS: Partial<Record<ErrorCode, number>> = {
  ARCHIVE_NOT_FOUND: 404,
  INVALID_CLIENT_ID: 400,
  INVALID_OPTION: 400,
  INVALID_PHONE_NUMBER: 400,
  NOT_INITIALIZED: 409,
  NOT_READY: 409,
  SESSION_NOT_FOUND: 404,
  SNAPSHOT_NOT_FOUND: 404,
  STORE_UNREACHABLE: 503,
  TIMED_OUT: 503,
  WEBHOOK_NOT_FOUND: 404,
  WEBHOOK_REFUSED: 400,
};

/** The answer that tells an error; null for one that nobody has foreseen. */
export function errorAnswer(error: unknown): Response | null {
  if (error instanceof ApiError) {
    return answer(error.status, error.code, error.message, error.retryAfterS);
  }
  if (!(error instanceof HoldfastError)) return null;
  const status = STATUS[error.code] ?? (error.transient ? 503 : 409);
  return answer(status, error.code, error.message, status === 503 ? RETRY_AFTER_S : undefined);
}

/** Says nothing of what is inside. */
export function unforeseenAnswer(): Response {
  return answer(500, 'INTERNAL', 'Something went wrong that should not have. The log says more.');
}

function answer(status: number, code: string, message: string, retryAfterS?: number): Response {
  const response = Response.json({ error: { code, message } }, { status });
  if (retryAfterS !== undefined) response.headers.set('Retry-After', String(retryAfterS));
  return response;
}
