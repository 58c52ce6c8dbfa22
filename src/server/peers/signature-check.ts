import { ApiError } from '../api-error.js';
import type { Caller } from '../auth/caller.js';
import {
  bodyHashOf,
  openSignature,
  SIGNATURE_HEADER,
  type Signed,
  WINDOW_MS,
} from './signature.js';

/** Tells requests of other workers from all others. */
export class SignatureCheck {
  readonly #key: Uint8Array;
  readonly #ownId: () => string;
  /** Each was used; by when they were signed. */
  readonly #nonces = new Map<string, number>();

  constructor(key: Uint8Array, ownId: () => string) {
    this.#key = key;
    this.#ownId = ownId;
  }

  /** Whether a worker has signed it, now or long ago. */
  isSigned(request: Request): boolean {
    return this.#open(request) !== null;
  }

  /**
   * Who asks through another worker; null: it does not say that it comes from one.
   *
   * @throws {ApiError} UNAUTHENTICATED
   */
  identify(request: Request, body: Buffer): Caller | null {
    if (!request.headers.has(SIGNATURE_HEADER)) return null;
    if (request.headers.has('Cookie') || request.headers.has('Origin')) {
      throw refused('A browser does not sign for a worker.');
    }
    const signed = this.#open(request);
    if (signed === null) {
      throw refused(
        'The signature is not that of a worker with the same fleet secret, for this one.',
      );
    }
    if (Math.abs(Date.now() - signed.time) > WINDOW_MS) {
      throw refused(`It was signed more than ${WINDOW_MS / 1000} s ago, or the clocks differ.`);
    }
    if (signed.bodyHash !== bodyHashOf(body)) throw refused('The body is not the one signed.');
    if (!this.#useUp(signed)) throw refused('It was sent before.');
    return { role: signed.role, by: 'peer', expiresAt: null };
  }

  #open(request: Request): Signed | null {
    const header = request.headers.get(SIGNATURE_HEADER);
    if (header === null) return null;
    const { pathname, search } = new URL(request.url);
    const asked = { method: request.method, path: pathname + search, to: this.#ownId() };
    return openSignature(this.#key, header, asked);
  }

  #useUp({ nonce, time }: Signed): boolean {
    // A Map keeps the order in which they came; what is out of the window is refused anyway.
    for (const [old, signedAt] of this.#nonces) {
      if (Date.now() - signedAt <= 2 * WINDOW_MS) break;
      this.#nonces.delete(old);
    }
    if (this.#nonces.has(nonce)) return false;
    this.#nonces.set(nonce, time);
    return true;
  }
}

function refused(message: string): ApiError {
  return new ApiError(401, 'UNAUTHENTICATED', message);
}
