import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ApiError } from '../api-error.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const EVERYWHERE = ['0.0.0.0', '::'];

/**
 * The names by which the server may be asked. A page of a foreign site whose name leads here (DNS
 * rebinding) asks by that name, and is refused.
 *
 * @param host what the server is bound to
 * @param others URLs and host names
 */
export function allowedHosts(host: string, others: readonly string[]): Set<string> {
  const bound = EVERYWHERE.includes(host) ? ownAddresses() : [host];
  const names = [...LOOPBACK, ...bound.map(bracketed), ...others.map(nameIn)];
  return new Set(names.map((name) => name.toLowerCase()));
}

/** @throws {ApiError} HOST_NOT_ALLOWED */
export function checkHost(host: string | null, allowed: ReadonlySet<string>): void {
  const name = /^(\[[\da-f:.]+\]|[^:[\]/@\s]+)(?::\d{1,5})?$/i.exec(host ?? '')?.[1];
  if (name !== undefined && allowed.has(name.toLowerCase())) return;
  throw new ApiError(
    421,
    'HOST_NOT_ALLOWED',
    'This server is not asked by that host name. Whoever runs it can allow it: ' +
      '`holdfast serve --allow-host <name>`, or --public-url.',
  );
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address.replace(/%.*/, '')),
  );
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

function nameIn(urlOrHost: string): string {
  return urlOrHost.includes('://') ? new URL(urlOrHost).hostname : bracketed(urlOrHost);
}
