import { HoldfastError } from '../../errors.js';
import { isTlsRefusal, wordsOf } from '../network-words.js';

/** What the driver and mongoose throw while they are not connected, or lose the connection. */
const NOT_CONNECTED = new Set([
  'MongoClientClosedError',
  'MongoExpiredSessionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoServerSelectionError',
  'MongoStalePrimaryError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongooseServerSelectionError',
]);

/** Of the resolver and the network, as for `mongodb+srv://`. */
const NETWORK_CODES = /^(E(AI_|CONN|HOST|NET|DNS|PIPE|TIME|NOTFOUND|REFUSED|SERVFAIL|NODATA))/;

/**
 * What a server answers while it is no primary, shuts down, or has too much to do.
 *
 * @see https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const PASSING_CODES = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern: too few members are there
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  365, // TemporarilyUnavailable
  462, // IngressRequestRateLimitExceeded
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  16500, // Cosmos DB: TooManyRequests
]);

const PASSING_LABELS = [
  'RetryableError',
  'RetryableWriteError',
  'SystemOverloadedError',
  'TransientTransactionError',
];

/** The code of Atlas's own errors is 8000, whatever they say. */
const FULL = /over your space quota|quota exceeded|out of disk space|no space left|storage limit/i;
const FULL_CODES = new Set([14031, 12501]);
const NOT_LOGGED_IN = /bad auth|authentication failed|requires authentication/i;
const NOT_PERMITTED = /not authorized|not allowed to do action|unauthorized/i;
const TOO_LARGE = /too large|exceeds? (the )?max/i;

interface ErrorFacts {
  name: string;
  message: string;
  code: unknown;
  labels: string[];
}

/**
 * What went wrong, in our words and the server's. No password is in it, nor in its cause.
 *
 * @param what could not be done: `Cannot read a in the MongoDB database "test"`
 * @param redact takes the passwords out of a text
 */
export function mongoError(
  what: string,
  error: unknown,
  redact: (text: string) => string,
): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const facts = factsOf(error);
  const words = redact(facts.message).replace(/\.$/, '');
  const cause = causeWithoutSecrets(error, redact);
  if (isFull(facts)) {
    return new HoldfastError(
      'STORE_FULL',
      `${what}: it is full (${words}). What was there stands. Make room or take a larger plan; ` +
        'then the same call succeeds.',
      { cause, transient: true },
    );
  }
  const refusal = refusalOf(facts, error);
  if (refusal === undefined && isPassing(facts)) {
    return new HoldfastError('STORE_UNREACHABLE', `${what}: ${words}.`, { cause, transient: true });
  }
  const reason = refusal === undefined ? words : `${refusal} (${words})`;
  return new HoldfastError('STORE_UNUSABLE', `${what}: ${reason}.`, { cause });
}

/** Of a key that is there already. */
export function isDuplicateKey(error: unknown): boolean {
  return factsOf(error).code === 11000;
}

/** Of a server that does not have a command. */
export function isUnknownCommand(error: unknown): boolean {
  return factsOf(error).code === 59;
}

/** Of a server that does not have a read concern, or not as it is set up. */
export function isUnknownReadConcern(error: unknown): boolean {
  const facts = factsOf(error);
  return (
    facts.name === 'MongoServerError' && !isPassing(facts) && /read ?concern/i.test(facts.message)
  );
}

function isFull({ code, message }: ErrorFacts): boolean {
  return FULL_CODES.has(Number(code)) || FULL.test(message);
}

function refusalOf({ code, message }: ErrorFacts, error: unknown): string | undefined {
  if (code === 18 || NOT_LOGGED_IN.test(message)) {
    return 'the server does not accept the user or the password';
  }
  if (code === 13 || NOT_PERMITTED.test(message)) {
    return 'the user may not do that there; give it the role readWrite on this database';
  }
  if (causesOf(error).some(isTlsRefusal)) {
    return 'no encrypted connection could be agreed on with the server';
  }
  if (code === 10334 || code === 17280 || TOO_LARGE.test(message)) {
    return 'the server does not take documents this large; one has up to 8 MiB';
  }
  return undefined;
}

function isPassing({ name, code, labels }: ErrorFacts): boolean {
  return (
    NOT_CONNECTED.has(name) ||
    PASSING_CODES.has(Number(code)) ||
    (typeof code === 'string' && NETWORK_CODES.test(code)) ||
    labels.some((label) => PASSING_LABELS.includes(label))
  );
}

function factsOf(error: unknown): ErrorFacts {
  if (typeof error !== 'object' || error === null) {
    return { name: '', message: String(error), code: undefined, labels: [] };
  }
  const { name, message, code, errorLabels } = error as Record<string, unknown>;
  return {
    name: String(name),
    message: error instanceof Error ? wordsOf(error) : String(message),
    code,
    labels: Array.isArray(errorLabels) ? errorLabels.map(String) : [],
  };
}

/** The error and what it says caused it. */
function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

/** The error itself, unless there is a password in it. */
function causeWithoutSecrets(error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof Error)) return redact(String(error));
  const { message, stack = '' } = error;
  if (redact(message) === message && redact(stack) === stack) return error;
  const cause = new Error(redact(message));
  cause.stack = redact(stack);
  return cause;
}
