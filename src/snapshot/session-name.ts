import { HoldfastError } from '../errors.js';

const NAME = /^[A-Za-z0-9_][-A-Za-z0-9_]{0,199}$/;

/**
 * The name a session is stored under. whatsapp-web.js names it `RemoteAuth` or
 * `RemoteAuth-<clientId>`, and some of its versions give stores a path that ends in that.
 *
 * @throws {HoldfastError} INVALID_CLIENT_ID
 */
export function checkSessionName(session: string): string {
  if (typeof session === 'string' && NAME.test(session)) return session;
  throw new HoldfastError(
    'INVALID_CLIENT_ID',
    `${JSON.stringify(session)} cannot name a session: use up to 200 letters, digits, ` +
      'underscores and hyphens, and no hyphen at the beginning.',
  );
}
