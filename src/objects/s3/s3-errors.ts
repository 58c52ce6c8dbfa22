import { type ErrorCode, HoldfastError } from '../../errors.js';

/** For messages. */
export interface S3Place {
  bucket: string;
  /** Without slashes at its ends. */
  path: string;
}

/** The errors of the SDK, as far as they are looked at. */
interface SdkError {
  name?: unknown;
  /** Of connections: `ECONNRESET`. */
  code?: unknown;
  message?: unknown;
  /** The right one, in some answers. */
  Region?: unknown;
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Record<string, string | undefined> };
}

/** S3's own name of an error, such as `NoSuchKey`. */
export function nameOf(error: unknown): string {
  const { name } = asSdkError(error);
  return typeof name === 'string' && /^[\w.-]{1,64}$/.test(name) ? name : 'unnamed';
}

/** Undefined when no answer was received. */
export function statusOf(error: unknown): number | undefined {
  return asSdkError(error).$metadata?.httpStatusCode;
}

/** @param doing what was tried, such as `read heads/RemoteAuth` */
export function s3Error(place: S3Place, doing: string, cause: unknown): HoldfastError {
  if (cause instanceof HoldfastError) return cause;
  const { code, reason, transient } = describe(place, cause);
  const where = place.path === '' ? '' : ` below ${place.path}/`;
  const message = `Cannot ${doing} in the bucket ${place.bucket}${where}: ${reason}.`;
  return new HoldfastError(code, message, { cause: withoutResponse(cause), transient });
}

/** One request, whose error is told in our words, or is that of the signal. */
export async function askS3<T>(
  place: S3Place,
  doing: string,
  signal: AbortSignal | undefined,
  request: () => Promise<T>,
): Promise<T> {
  try {
    return await request();
  } catch (error) {
    signal?.throwIfAborted();
    throw s3Error(place, doing, error);
  }
}

/**
 * The SDK hangs the answer on its errors, and with it the request and its headers: among them the
 * session token of temporary credentials, which no log is to show.
 */
function withoutResponse(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('$response' in cause)) return cause;
  const { name, message, stack, cause: deeper } = cause;
  const kept = new Error(message, deeper === undefined ? {} : { cause: withoutResponse(deeper) });
  const { code, $metadata } = asSdkError(cause);
  return Object.assign(kept, { name, stack, code, $metadata });
}

interface Description {
  code: ErrorCode;
  reason: string;
  transient: boolean;
}

/** What stays until somebody changes something. */
const LASTING: Record<string, string> = {
  AccountProblem: 'there is a problem with the account, which its owner can see',
  AllAccessDisabled: 'all access to it has been disabled',
  CredentialsProviderError:
    'the SDK has found no credentials. It looks at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ' +
    'at ~/.aws/credentials and ~/.aws/config, and at the role of the container or machine; or ' +
    'hand the store an s3Client with credentials',
  ExpiredToken: 'the credentials have expired; get new ones',
  InvalidAccessKeyId: 'its access key is not known there',
  InvalidBucketName: 'that is no name of a bucket; give another bucketName',
  InvalidObjectState:
    'it has been moved to an archive by a lifecycle rule; exclude the path of the store from it',
  InvalidToken: 'the session token of the credentials is not valid',
  NoSuchBucket: 'there is no such bucket; make it, or give another bucketName',
  NotImplemented: 'the service does not know that request',
  RequestTimeTooSkewed:
    'the clock of this machine and that of the service differ by more than 15 minutes; set it right',
  SignatureDoesNotMatch:
    'the signature is not right: the secret access key is wrong, or a proxy changes requests',
};

const SAME: Record<string, string> = {
  ExpiredTokenException: 'ExpiredToken',
  RequestExpired: 'ExpiredToken',
  TokenProviderError: 'CredentialsProviderError',
  TokenRefreshRequired: 'ExpiredToken',
};

const ELSEWHERE = new Set([
  'AuthorizationHeaderMalformed',
  'BucketRegionError',
  'IllegalLocationConstraintException',
  'PermanentRedirect',
  'TemporaryRedirect',
]);

const FULL = /quota|storage_?full|insufficient_?storage/i;
const PASSING = /^(SlowDown|Throttl|RequestTimeout$|RequestLimitExceeded|OperationAborted)/;
const TLS = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_)/;

function describe(place: S3Place, cause: unknown): Description {
  const name = nameOf(cause);
  const status = statusOf(cause);
  const lasting = LASTING[SAME[name] ?? name];
  if (lasting !== undefined) return unusable(`${lasting} (${name})`);
  if (status === 507 || FULL.test(name)) {
    const reason = `the quota is used up (${name}). What was there stands. Make room`;
    return { code: 'STORE_FULL', reason, transient: true };
  }
  if (status === 301 || status === 307 || ELSEWHERE.has(name)) return elsewhere(cause, name);
  // Also when the connection was cut behind the head of the answer: what that meant is not known.
  if (status === undefined || typeof asSdkError(cause).code === 'string') return unanswered(cause);
  if (status === 501) return unusable(`${LASTING.NotImplemented} (${name})`);
  if (status >= 500 || [408, 409, 429].includes(status) || PASSING.test(name) || status < 300) {
    return unreachable(`the service answered ${status} (${name})`);
  }
  if (status === 403) return unusable(notAllowed(place, name));
  return unusable(`the service answered ${status} (${name})`);
}

function unanswered(cause: unknown): Description {
  const { code, message } = asSdkError(cause);
  if (message === 'Region is missing') {
    return unusable('the SDK knows no region; set AWS_REGION, or give the store a region');
  }
  const reason = typeof code === 'string' ? code : String(message ?? cause);
  if (TLS.test(reason)) return unusable(`no secure connection could be made (${reason})`);
  return unreachable(`the service has not answered (${reason})`);
}

function elsewhere(cause: unknown, name: string): Description {
  const { Region: told, $response: response } = asSdkError(cause);
  const region = typeof told === 'string' ? told : response?.headers?.['x-amz-bucket-region'];
  const where = region === undefined ? 'in another region' : `in the region ${region}`;
  return unusable(`the bucket is ${where}; give the client that region (${name})`);
}

function notAllowed({ bucket, path }: S3Place, name: string): string {
  const objects = path === '' ? `${bucket}/*` : `${bucket}/${path}/*`;
  return (
    `these credentials may not do that (${name}). They need s3:GetObject, s3:PutObject and ` +
    `s3:DeleteObject on arn:aws:s3:::${objects}, and s3:ListBucket on arn:aws:s3:::${bucket}. ` +
    'Without s3:ListBucket, S3 answers so for every key that is not there'
  );
}

function unusable(reason: string): Description {
  return { code: 'STORE_UNUSABLE', reason, transient: false };
}

function unreachable(reason: string): Description {
  return { code: 'STORE_UNREACHABLE', reason, transient: true };
}

function asSdkError(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? error : {};
}
