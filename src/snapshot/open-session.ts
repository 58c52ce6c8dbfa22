import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { BlobReader } from './blob-reader.js';
import { FormatError, UnknownFormat } from './decode.js';
import type { EncryptionKey } from './encryption-key.js';
import { headKey, packsPrefix } from './format.js';
import { type DecodedHead, decodeHead, type Head } from './head.js';
import { readDataKey } from './key-cell.js';
import { createSealer, isSameTag, type Sealer } from './sealer.js';
import { checkSessionName } from './session-name.js';

/** Which session, where, and the key that it is sealed with. */
export interface SessionLocation {
  store: ObjectStore;
  /** The stored name: `RemoteAuth` or `RemoteAuth-<clientId>`. */
  session: string;
  encryptionKey?: EncryptionKey | undefined;
}

/** A session whose head was read and proven. */
export interface OpenedSession {
  head: Head;
  /** Of the head's cell. */
  version: string;
  reader: BlobReader;
}

/**
 * Reads and proves a session's head.
 *
 * @throws {HoldfastError} SESSION_NOT_FOUND, SESSION_LOGGED_OUT, HEAD_LOST, HEAD_DAMAGED,
 *   FORMAT_UNSUPPORTED, KEY_MISSING, KEY_LOST, KEY_WRONG, KEY_DAMAGED, SESSION_NOT_SEALED, and the
 *   store's errors
 */
export async function openSession(location: SessionLocation): Promise<OpenedSession> {
  const { store, session } = location;
  const found = await readHead(store, session);
  if (found === null) throw sessionNotFound(session);
  const { decoded, version } = found;
  if (decoded.head.state === 'logged-out') {
    proveHead(decoded, createSealer(null, session), session);
    throw new HoldfastError(
      'SESSION_LOGGED_OUT',
      `The session ${session} was logged out; nothing of it is kept. Link it anew.`,
    );
  }
  const sealer = await openSealer(location, decoded.head);
  proveHead(decoded, sealer, session);
  return { head: decoded.head, version, reader: new BlobReader(store, session, sealer) };
}

/**
 * Reads a session's head without proving it; null when there is no such session.
 *
 * @throws {HoldfastError} HEAD_LOST, HEAD_DAMAGED, FORMAT_UNSUPPORTED, and the store's errors
 */
export async function readHead(
  store: ObjectStore,
  session: string,
): Promise<{ decoded: DecodedHead; version: string } | null> {
  checkSessionName(session);
  const cell = await store.readCell(headKey(session));
  if (cell !== null) {
    return { decoded: decodeHeadOf(session, cell.value), version: cell.version };
  }
  for await (const _pack of store.list(packsPrefix(session))) {
    throw new HoldfastError(
      'HEAD_LOST',
      `In the store, the session ${session} has data but its head, ${headKey(session)}, is gone. ` +
        'Nothing is lost: `holdfast repair` makes the head anew.',
    );
  }
  return null;
}

/** @throws {HoldfastError} HEAD_DAMAGED, FORMAT_UNSUPPORTED */
function decodeHeadOf(session: string, value: Uint8Array): DecodedHead {
  try {
    const decoded = decodeHead(value);
    if (decoded.head.session !== session) throw new FormatError('it is of another session');
    return decoded;
  } catch (error) {
    if (error instanceof UnknownFormat) {
      throw new HoldfastError(
        'FORMAT_UNSUPPORTED',
        `The session ${session} has a format that this version of Holdfast does not know. ` +
          'Use the version that saved it, or a newer one.',
      );
    }
    if (error instanceof FormatError) throw headDamaged(session, error.message);
    throw error;
  }
}

/** @throws {HoldfastError} KEY_MISSING, SESSION_NOT_SEALED, KEY_LOST, KEY_WRONG, KEY_DAMAGED */
export async function openSealer(
  { store, session, encryptionKey }: SessionLocation,
  { isSealed }: Pick<Head, 'isSealed'>,
): Promise<Sealer> {
  if (!isSealed) {
    if (encryptionKey === undefined) return createSealer(null, session);
    throw new HoldfastError(
      'SESSION_NOT_SEALED',
      `An encryption key was given, but the session ${session} in the store is not sealed: somebody ` +
        'may have put it there. If it is yours from before you had a key: export it without the ' +
        'key, remove it, and import it with the key.',
    );
  }
  if (encryptionKey === undefined) {
    throw new HoldfastError(
      'KEY_MISSING',
      `The session ${session} is sealed, and no encryption key was given. Give the key that it was ` +
        'saved with (encryptionKey; for the command HOLDFAST_KEY or --key-file).',
    );
  }
  return createSealer(await readDataKey(store, session, encryptionKey), session);
}

/** @throws {HoldfastError} HEAD_DAMAGED */
export function proveHead(decoded: DecodedHead, sealer: Sealer, session: string): void {
  if (isSameTag(decoded.tag, sealer.tagOf(decoded.text))) return;
  throw headDamaged(session, 'its proof does not fit');
}

export function sessionNotFound(session: string): HoldfastError {
  return new HoldfastError(
    'SESSION_NOT_FOUND',
    `There is no session ${session} in the store. \`holdfast ls\` lists what there is.`,
  );
}

function headDamaged(session: string, reason: string): HoldfastError {
  return new HoldfastError(
    'HEAD_DAMAGED',
    `In the store, the head of the session ${session}, ${headKey(session)}, is damaged or was ` +
      `altered: ${reason}. \`holdfast repair\` makes it anew from the snapshots.`,
  );
}
