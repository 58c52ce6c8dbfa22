import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  type ScryptOptions,
  scrypt,
} from 'node:crypto';
import { HoldfastError } from '../errors.js';
import type { Cell, ObjectStore } from '../objects/object-store.js';
import {
  count,
  FormatError,
  parseJson,
  record,
  requireFormat,
  text,
  UnknownFormat,
} from './decode.js';
import {
  type EncryptionKey,
  KEY_BYTES,
  type ParsedKey,
  parseEncryptionKey,
} from './encryption-key.js';
import { FORMAT_VERSION, keyKey } from './format.js';
import { isSameTag } from './sealer.js';
import { checkSessionName } from './session-name.js';

/**
 * What the cell `keys/<session>` holds: the session's data key, wrapped by the user's, as JSON, and
 * on a second line a hash of the first, by which damage is told from a wrong key.
 */
interface WrappedKey {
  /**
   * Of the writer that made the data key. A tombstone voids what was made before it, and nothing
   * that a new link has made since.
   */
  generation: number;
  kind: ParsedKey['kind'];
  /** Of scrypt; zeros and empty for the other kinds. */
  salt: string;
  cost: number;
  /** Tells whether the key is the right one: of the wrapping key, or for `function` the data key. */
  check: string;
  wrapped: string;
}

/** scrypt with N = 2^16, r = 8, p = 1 takes 64 MiB and about a fifth of a second. */
const SCRYPT_COST = 16;
const HIGHEST_SCRYPT_COST = 20;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes a data key and keeps it, wrapped. If somebody else was first, theirs is opened.
 *
 * @param generation of the writer that asks; a data key of an earlier one is void and replaced
 * @throws {HoldfastError} INVALID_KEY, KEY_WRONG, KEY_DAMAGED and the store's errors
 */
export async function createDataKey(
  store: ObjectStore,
  session: string,
  key: EncryptionKey,
  generation: number,
): Promise<Uint8Array> {
  const found = await store.readCell(keyKey(session));
  if (found && isFrom(generation, found, session)) return openDataKey(found.value, session, key);
  const dataKey = randomBytes(KEY_BYTES);
  const value = await wrapDataKey(dataKey, generation, session, key);
  try {
    await store.swapCell(keyKey(session), value, found?.version ?? null);
  } catch (error) {
    // Also after an unclear answer: what counts is what is there now.
    const now = await store.readCell(keyKey(session));
    if (!now || !isFrom(generation, now, session)) throw error;
    return openDataKey(now.value, session, key);
  }
  return dataKey;
}

function isFrom(generation: number, { value }: Cell, session: string): boolean {
  return value.length > 0 && decodeWrappedKey(value, session).generation >= generation;
}

/**
 * Of the writer that made the data key; takes no key.
 *
 * @throws {HoldfastError} KEY_DAMAGED, FORMAT_UNSUPPORTED
 */
export function generationOfKey(value: Uint8Array, session: string): number {
  return decodeWrappedKey(value, session).generation;
}

/** @throws {HoldfastError} KEY_LOST, KEY_WRONG, KEY_DAMAGED, INVALID_KEY and the store's errors */
export async function readDataKey(
  store: ObjectStore,
  session: string,
  key: EncryptionKey,
): Promise<Uint8Array> {
  const cell = await store.readCell(keyKey(session));
  if (cell === null || cell.value.length === 0) throw keyLost(session);
  return openDataKey(cell.value, session, key);
}

/**
 * Wraps the data key by another key of the user's. Only this cell changes, so it takes a moment
 * whatever the size of the session. Who knows the old key and has kept the old cell can still open
 * the session: it is for a key that is replaced in time, not for one that is known to be stolen.
 */
export async function rotateKey(
  store: ObjectStore,
  session: string,
  oldKey: EncryptionKey,
  newKey: EncryptionKey,
): Promise<void> {
  checkSessionName(session);
  const cell = await store.readCell(keyKey(session));
  if (cell === null || cell.value.length === 0) throw keyLost(session);
  const dataKey = await openDataKey(cell.value, session, oldKey);
  const { generation } = decodeWrappedKey(cell.value, session);
  const value = await wrapDataKey(dataKey, generation, session, newKey);
  try {
    await store.swapCell(keyKey(session), value, cell.version);
  } catch (error) {
    // The answer may be all that was lost.
    const now = await store.readCell(keyKey(session));
    if (now === null || !Buffer.from(value).equals(now.value)) throw error;
  }
}

/**
 * Wraps a data key by the user's: gives what the cell holds.
 *
 * @throws {HoldfastError} INVALID_KEY, KEY_UNAVAILABLE
 */
export async function wrapDataKey(
  dataKey: Uint8Array,
  generation: number,
  session: string,
  key: EncryptionKey,
): Promise<Uint8Array> {
  const parsed = parseEncryptionKey(key);
  const salt = parsed.kind === 'passphrase' ? randomBytes(16) : Buffer.alloc(0);
  const cost = parsed.kind === 'passphrase' ? SCRYPT_COST : 0;
  const { check, wrapped } =
    parsed.kind === 'function'
      ? { check: checkOf(dataKey), wrapped: await wrapByFunction(parsed, dataKey, session) }
      : wrapBy(await wrappingKey(parsed, salt, cost), dataKey, session);
  const json = JSON.stringify({
    format: FORMAT_VERSION,
    session,
    generation,
    nonce: randomBytes(9).toString('base64url'),
    kind: parsed.kind,
    salt: salt.toString('base64url'),
    cost,
    check,
    wrapped: wrapped.toString('base64url'),
  });
  return Buffer.from(`${json}\n${hashOf(json)}`);
}

/** @throws {HoldfastError} KEY_WRONG, KEY_DAMAGED, KEY_UNAVAILABLE, INVALID_KEY, FORMAT_UNSUPPORTED */
export async function openDataKey(
  value: Uint8Array,
  session: string,
  key: EncryptionKey,
): Promise<Uint8Array> {
  const parsed = parseEncryptionKey(key);
  const cell = decodeWrappedKey(value, session);
  if (cell.kind !== parsed.kind) {
    throw keyWrong(session, `it was sealed with a key of another kind (${WORDS[cell.kind]})`);
  }
  const wrapped = Buffer.from(cell.wrapped, 'base64url');
  if (parsed.kind === 'function') return unwrapByFunction(parsed, wrapped, cell.check, session);
  const wrapping = await wrappingKey(parsed, Buffer.from(cell.salt, 'base64url'), cell.cost);
  if (!isSameTag(cell.check, checkOf(wrapping))) throw keyWrong(session, 'it does not fit');
  const dataKey = unwrapBy(wrapping, wrapped, session);
  if (dataKey === undefined) throw keyDamaged(session, 'what it holds does not open');
  return dataKey;
}

const WORDS = {
  raw: '32 bytes',
  passphrase: 'a passphrase',
  function: 'wrap and unwrap functions',
};

async function unwrapByFunction(
  { wrapper }: Extract<ParsedKey, { kind: 'function' }>,
  wrapped: Uint8Array,
  check: string,
  session: string,
): Promise<Uint8Array> {
  const dataKey = await callKeyFunction('unwrap', session, () =>
    wrapper.unwrap(wrapped, { session }),
  );
  if (!(dataKey instanceof Uint8Array) || dataKey.length !== KEY_BYTES) {
    throw keyWrong(session, `unwrap did not give ${KEY_BYTES} bytes`);
  }
  if (!isSameTag(check, checkOf(dataKey))) throw keyWrong(session, 'unwrap gave another key');
  // Whoever gave it may well overwrite it now.
  return Uint8Array.from(dataKey);
}

async function wrapByFunction(
  { wrapper }: Extract<ParsedKey, { kind: 'function' }>,
  dataKey: Uint8Array,
  session: string,
): Promise<Buffer> {
  const wrapped = await callKeyFunction('wrap', session, () =>
    wrapper.wrap(Uint8Array.from(dataKey), { session }),
  );
  if (wrapped instanceof Uint8Array && wrapped.length > 0) return Buffer.from(wrapped);
  throw new HoldfastError('INVALID_KEY', 'The function wrap of the encryption key gave no bytes.');
}

async function callKeyFunction<T>(
  name: string,
  session: string,
  call: () => Promise<T> | T,
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new HoldfastError(
      'KEY_UNAVAILABLE',
      `The function ${name} of the encryption key failed for the session ${session}: ` +
        `${cause instanceof Error ? cause.message : String(cause)}. Nothing was changed.`,
      { cause, transient: true },
    );
  }
}

function decodeWrappedKey(value: Uint8Array, session: string): WrappedKey {
  try {
    const [json = '', hash = '', ...rest] = Buffer.from(value).toString().split('\n');
    const parsed = parseJson(json);
    requireFormat(parsed);
    const cell = record(parsed, 'the key', [
      'format',
      'session',
      'generation',
      'nonce',
      'kind',
      'salt',
      'cost',
      'check',
      'wrapped',
    ]);
    count(cell.format, 'format');
    if (rest.length > 0 || hash !== hashOf(json)) throw new FormatError('its hash does not fit');
    if (cell.session !== session) throw new FormatError('it belongs to another session');
    text(cell.nonce, 'nonce');
    const kind = text(cell.kind, 'kind');
    if (!Object.hasOwn(WORDS, kind)) throw new FormatError(`the kind ${kind} is not known`);
    const cost = count(cell.cost, 'cost');
    if (kind === 'passphrase' && (cost < SCRYPT_COST || cost > HIGHEST_SCRYPT_COST)) {
      throw new FormatError('its cost is out of range');
    }
    return {
      generation: count(cell.generation, 'generation', 1),
      kind: kind as WrappedKey['kind'],
      salt: text(cell.salt, 'salt'),
      cost,
      check: text(cell.check, 'check'),
      wrapped: text(cell.wrapped, 'wrapped'),
    };
  } catch (error) {
    if (error instanceof UnknownFormat) throw unsupported(session);
    if (error instanceof FormatError) throw keyDamaged(session, error.message);
    throw error;
  }
}

function wrapBy(wrapping: Uint8Array, dataKey: Uint8Array, session: string) {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce).setAAD(purpose(session));
  const sealed = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  return {
    check: checkOf(wrapping),
    wrapped: Buffer.concat([nonce, sealed, cipher.getAuthTag()]),
  };
}

function unwrapBy(wrapping: Uint8Array, wrapped: Buffer, session: string): Uint8Array | undefined {
  if (wrapped.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', wrapping, wrapped.subarray(0, NONCE_BYTES));
  decipher.setAAD(purpose(session)).setAuthTag(wrapped.subarray(-TAG_BYTES));
  const dataKey = decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return dataKey;
  } catch {
    return undefined;
  }
}

function purpose(session: string): Uint8Array {
  return Buffer.from(`holdfast ${FORMAT_VERSION} data key\0${session}`);
}

function hashOf(json: string): string {
  return createHash('sha256').update(json).digest('base64url');
}

function checkOf(key: Uint8Array): string {
  const digest = createHmac('sha256', key).update(`holdfast ${FORMAT_VERSION} key check`);
  return digest.digest().subarray(0, 9).toString('base64url');
}

async function wrappingKey(
  parsed: Exclude<ParsedKey, { kind: 'function' }>,
  salt: Buffer,
  cost: number,
): Promise<Uint8Array> {
  if (parsed.kind === 'raw') return parsed.key;
  const options: ScryptOptions = { N: 2 ** cost, r: 8, p: 1, maxmem: 2 ** (cost + 11) };
  return new Promise((resolve, reject) => {
    const passphrase = parsed.passphrase.normalize('NFKC');
    scrypt(passphrase, salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function keyLost(session: string): HoldfastError {
  return new HoldfastError(
    'KEY_LOST',
    `The session ${session} is sealed, but the object ${keyKey(session)}, which holds its data key, ` +
      'is gone. Bring that object back from a backup of the store; without it the session cannot ' +
      'be opened by anybody.',
  );
}

function keyWrong(session: string, reason: string): HoldfastError {
  return new HoldfastError(
    'KEY_WRONG',
    `The encryption key does not open the session ${session}: ${reason}. Nothing was changed. ` +
      'Give the key that the session was saved with.',
  );
}

function keyDamaged(session: string, reason: string): HoldfastError {
  return new HoldfastError(
    'KEY_DAMAGED',
    `The object ${keyKey(session)} of the session ${session} is damaged or was altered: ${reason}. ` +
      'Bring it back from a backup of the store.',
  );
}

function unsupported(session: string): HoldfastError {
  return new HoldfastError(
    'FORMAT_UNSUPPORTED',
    `The key of the session ${session} has a format that this version of Holdfast does not know. ` +
      'Use the version that saved it, or a newer one.',
  );
}
