import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Role } from './caller.js';
import type { TokenHashes } from './tokens.js';

export const COOKIE = 'holdfast';
const VALID_MS = 12 * 3_600_000;
const SHAPE = /^(admin|viewer)\.(\d{1,16})\.([-\w]{43})$/;

/**
 * Logins that no worker has to remember: role and end, signed. The key comes of the tokens, so that
 * another token ends all logins, and every worker with the same tokens and secret takes them.
 */
export class SessionCookies {
  readonly #key: Uint8Array;

  constructor({ admin, viewer }: TokenHashes, fleetSecret: Uint8Array | null) {
    const material = Buffer.concat([
      Buffer.from(`${admin}.${viewer}.`),
      fleetSecret ?? Buffer.of(),
    ]);
    this.#key = new Uint8Array(hkdfSync('sha256', material, '', 'holdfast login cookie', 32));
  }

  /** @returns the `Set-Cookie` header */
  create(role: Role, isSecure: boolean): string {
    const content = `${role}.${Date.now() + VALID_MS}`;
    return header(`${content}.${this.#tagOf(content)}`, VALID_MS / 1000, isSecure);
  }

  clear(isSecure: boolean): string {
    return header('', 0, isSecure);
  }

  /** @param cookies the `Cookie` header */
  read(cookies: string | null): { role: Role; expiresAt: number } | null {
    for (const pair of (cookies ?? '').split(';')) {
      const [name, value = ''] = pair.trim().split('=');
      const parts = name === COOKIE ? SHAPE.exec(value) : null;
      if (parts === null) continue;
      const [, role, end, tag = ''] = parts;
      const expiresAt = Number(end);
      const isOurs = timingSafeEqual(Buffer.from(tag), Buffer.from(this.#tagOf(`${role}.${end}`)));
      if (isOurs && expiresAt > Date.now()) return { role: role as Role, expiresAt };
    }
    return null;
  }

  #tagOf(content: string): string {
    return createHmac('sha256', this.#key).update(content).digest('base64url');
  }
}

function header(value: string, maxAgeS: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${COOKIE}=${value}; Max-Age=${maxAgeS}; Path=/; HttpOnly; SameSite=Strict${secure}`;
}
