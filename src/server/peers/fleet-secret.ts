import { createHmac, hkdfSync, scrypt } from 'node:crypto';
import { HoldfastError } from '../../errors.js';
import { type EncryptionKey, parseEncryptionKey } from '../../snapshot/encryption-key.js';

const LEAST_LENGTH = 24;
const KEY_BYTES = 32;
/** As costly to guess by as what seals the sessions: who sees a signed request may try passphrases. */
const SCRYPT = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

/** What a key of the fleet is for; none can be computed from another. */
export type Purpose =
  | 'requests between workers'
  | 'cells of workers'
  | 'webhooks'
  | `webhook ${string}`;

export function keyFor(fleetSecret: Uint8Array, purpose: Purpose): Buffer {
  return createHmac('sha256', fleetSecret).update(`holdfast ${purpose}`).digest();
}

/** @throws {HoldfastError} INVALID_OPTION when it could be guessed */
export function fleetSecretOf(text: string, where: string): Uint8Array {
  if (text.length < LEAST_LENGTH) {
    throw new HoldfastError(
      'INVALID_OPTION',
      `The fleet secret of ${where} must have at least ${LEAST_LENGTH} characters. ` +
        '`openssl rand -hex 32` makes one; all workers of a fleet have the same.',
    );
  }
  return derive(Buffer.from(text));
}

/**
 * The secret of workers that were given none: all of them have the same encryption key.
 *
 * @returns null: there is no key, or it never leaves its key management service
 */
export async function fleetSecretFrom(key: EncryptionKey | undefined): Promise<Uint8Array | null> {
  const parsed = key === undefined ? null : parseEncryptionKey(key);
  switch (parsed?.kind) {
    case 'raw':
      return derive(parsed.key);
    case 'passphrase':
      return derive(await stretched(parsed.passphrase));
    default:
      return null;
  }
}

function derive(material: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', material, '', 'holdfast fleet secret', KEY_BYTES));
}

function stretched(passphrase: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, 'holdfast fleet secret', KEY_BYTES, SCRYPT, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
