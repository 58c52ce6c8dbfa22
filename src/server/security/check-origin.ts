import { ApiError } from '../api-error.js';

const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A request that changes something and comes with a cookie may have been made by a foreign page. That
 * can set no header of its own, and its browser says where it came from.
 *
 * @throws {ApiError} CROSS_SITE
 */
export function checkOrigin({ method, headers }: Request, publicUrl: string): void {
  if (SAFE.includes(method)) return;
  if (headers.get('X-Holdfast') !== '1') {
    throw crossSite('A login by cookie needs the header X-Holdfast: 1.');
  }
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null && site !== 'same-origin' && site !== 'none') throw crossSite('Foreign site.');
  const origin = headers.get('Origin');
  if (origin === null || origin === publicUrl) return;
  if (hostOf(origin) !== headers.get('Host')?.toLowerCase()) throw crossSite('Foreign origin.');
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function crossSite(reason: string): ApiError {
  return new ApiError(
    403,
    'CROSS_SITE',
    `The request does not come from this server's page. ${reason}`,
  );
}
