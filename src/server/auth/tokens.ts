import { createHash, timingSafeEqual } from 'node:crypto';
import { HoldfastError } from '../../errors.js';
import type { Role } from './caller.js';

export const LEAST_TOKEN_LENGTH = 24;

/** What is kept of the tokens: their hashes, SHA-256 in hex. */
export interface TokenHashes {
  admin: string;
  viewer: string | null;
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** @throws {HoldfastError} INVALID_OPTION when it could be guessed */
export function checkToken(token: string, where: string): string {
  if (token.length >= LEAST_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new HoldfastError(
    'INVALID_OPTION',
    `The token of ${where} must have at least ${LEAST_TOKEN_LENGTH} characters, no spaces and ` +
      'only ASCII. `openssl rand -hex 32` makes one.',
  );
}

/** Which role a token gives. */
export class Tokens {
  readonly hashes: TokenHashes;

  constructor(hashes: TokenHashes) {
    this.hashes = hashes;
  }

  roleOf(token: string): Role | null {
    const given = Buffer.from(hashToken(token));
    const { admin, viewer } = this.hashes;
    // Both are compared, whatever comes of the first: how long it takes tells nothing.
    const isAdmin = isSame(given, admin);
    const isViewer = isSame(given, viewer ?? '');
    if (isAdmin) return 'admin';
    return isViewer ? 'viewer' : null;
  }
}

function isSame(given: Buffer, hash: string): boolean {
  const known = Buffer.alloc(given.length);
  known.write(hash);
  return timingSafeEqual(given, known) && hash.length === given.length;
}
