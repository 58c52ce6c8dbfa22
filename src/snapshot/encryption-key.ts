import { HoldfastError } from '../errors.js';

/**
 * The key that seals a session:
 * - 32 bytes, as such or as base64, base64url or hex;
 * - a passphrase: any other text of at least 8 characters, or `{ passphrase }`;
 * - `{ wrap, unwrap }`, for a key that never leaves a key management service. They are given the
 *   session's 32-byte data key, and what `wrap` made of it.
 */
export type EncryptionKey = Uint8Array | string | PassphraseKey | KeyWrapper;

export interface PassphraseKey {
  passphrase: string;
}

export interface KeyWrapper {
  wrap(dataKey: Uint8Array, context: KeyContext): Promise<Uint8Array> | Uint8Array;
  unwrap(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array> | Uint8Array;
}

export interface KeyContext {
  /** The session's stored name. */
  session: string;
}

/** What the text or object that a user gives stands for. */
export type ParsedKey =
  | { kind: 'raw'; key: Uint8Array }
  | { kind: 'passphrase'; passphrase: string }
  | { kind: 'function'; wrapper: KeyWrapper };

export const KEY_BYTES = 32;
const SHORTEST_PASSPHRASE = 8;

/** @throws {HoldfastError} INVALID_KEY; the message never shows the key */
export function parseEncryptionKey(key: EncryptionKey): ParsedKey {
  if (key instanceof Uint8Array) {
    if (key.length !== KEY_BYTES) {
      throw invalid(`it has ${key.length} bytes; a key has exactly ${KEY_BYTES}`);
    }
    return { kind: 'raw', key: Uint8Array.from(key) };
  }
  if (typeof key === 'string') {
    const raw = decodeRawKey(key);
    return raw ? { kind: 'raw', key: raw } : passphrase(key);
  }
  if (typeof key === 'object' && key !== null) {
    if ('passphrase' in key && typeof key.passphrase === 'string') {
      return passphrase(key.passphrase);
    }
    if ('wrap' in key && typeof key.wrap === 'function' && typeof key.unwrap === 'function') {
      return { kind: 'function', wrapper: key };
    }
  }
  throw invalid('it is none of the things a key can be');
}

function passphrase(text: string): ParsedKey {
  if (text.length < SHORTEST_PASSPHRASE) {
    throw invalid(`as a passphrase it is too short; it needs ${SHORTEST_PASSPHRASE} characters`);
  }
  return { kind: 'passphrase', passphrase: text };
}

/** 64 hex digits, or base64 or base64url of exactly 32 bytes. */
function decodeRawKey(text: string): Uint8Array | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^[-\w+/]{43}=?$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

function invalid(reason: string): HoldfastError {
  return new HoldfastError(
    'INVALID_KEY',
    `The encryption key cannot be used: ${reason}. Give 32 bytes (as such, base64 or hex; ` +
      '`holdfast key new` makes one), a passphrase, or { wrap, unwrap }.',
  );
}
