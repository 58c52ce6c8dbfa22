import { HoldfastError } from '../errors.js';

const DEFAULT_NAME = 'RemoteAuth';
const CLIENT_ID = /^[-\w]{1,189}$/;

/**
 * The stored name of a session that is given by its clientId (`sales`), by its stored name
 * (`RemoteAuth-sales`), or not at all (`RemoteAuth`).
 *
 * @throws {HoldfastError} INVALID_CLIENT_ID
 */
export function sessionName(text: string | undefined): string {
  if (text === undefined || text === DEFAULT_NAME) return DEFAULT_NAME;
  const clientId = text.startsWith(`${DEFAULT_NAME}-`) ? text.slice(DEFAULT_NAME.length + 1) : text;
  if (CLIENT_ID.test(clientId)) return `${DEFAULT_NAME}-${clientId}`;
  throw new HoldfastError(
    'INVALID_CLIENT_ID',
    `${JSON.stringify(text)} names no session: give a clientId (letters, digits, underscores and ` +
      `hyphens) or a stored name such as ${DEFAULT_NAME}-sales.`,
  );
}

/** The clientId of such a session; undefined for the unnamed one. */
export function clientIdOf(text: string | undefined): string | undefined {
  return sessionName(text).slice(`${DEFAULT_NAME}-`.length) || undefined;
}

/** How a roster names such a session: by its clientId, the unnamed one `RemoteAuth`. */
export function sessionIdOf(text: string): string {
  return clientIdOf(text) ?? DEFAULT_NAME;
}
