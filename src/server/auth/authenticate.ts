import { ApiError } from '../api-error.js';
import { LoginLimit } from '../limits/login-limit.js';
import { checkOrigin } from '../security/check-origin.js';
import type { Settings } from '../settings.js';
import type { Caller, Role } from './caller.js';
import type { SessionCookies } from './session-cookie.js';
import type { Tokens } from './tokens.js';

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** Finds out who asks. */
export class Authenticator {
  readonly #tokens: Tokens;
  readonly #cookies: SessionCookies;
  readonly #settings: Settings;
  // Those who ask by token are not kept out by strangers who guess.
  readonly #limit = new LoginLimit({ alsoOfAll: false });
  readonly #loginLimit = new LoginLimit({ alsoOfAll: true });

  constructor(tokens: Tokens, cookies: SessionCookies, settings: Settings) {
    this.#tokens = tokens;
    this.#cookies = cookies;
    this.#settings = settings;
  }

  /** @returns null: nobody who is known. @throws {ApiError} TOO_MANY_REQUESTS, CROSS_SITE */
  identify(request: Request, address: string): Caller | null {
    const authorization = request.headers.get('Authorization');
    if (authorization !== null) {
      const token = BEARER.exec(authorization)?.[1];
      const role = token === undefined ? null : this.#roleOf(token, address, this.#limit);
      return role === null ? null : { role, by: 'token', expiresAt: null };
    }
    const login = this.#cookies.read(request.headers.get('Cookie'));
    if (login === null) return null;
    checkOrigin(request, this.#settings.publicUrl);
    return { ...login, by: 'cookie' };
  }

  /** @throws {ApiError} UNAUTHENTICATED, TOO_MANY_REQUESTS */
  logIn(token: string, address: string): Role {
    const role = this.#roleOf(token, address, this.#loginLimit);
    if (role !== null) return role;
    throw new ApiError(401, 'UNAUTHENTICATED', 'That token is not known.');
  }

  #roleOf(token: string, address: string, limit: LoginLimit): Role | null {
    limit.check(address);
    const role = this.#tokens.roleOf(token);
    if (role === null) limit.noteFailure(address);
    return role;
  }
}
