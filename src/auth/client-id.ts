import { HoldfastError } from '../errors.js';

/** @throws {HoldfastError} INVALID_CLIENT_ID */
export function checkClientId(clientId: unknown): void {
  if (clientId === undefined || clientId === null || clientId === '') return;
  if (typeof clientId === 'string' && /^[-\w]+$/.test(clientId)) return;
  throw new HoldfastError(
    'INVALID_CLIENT_ID',
    `clientId is ${JSON.stringify(clientId)}, but it names a folder: ` +
      'use letters, digits, underscores and hyphens only.',
  );
}
