import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { HoldfastError } from '../../../errors.js';
import { whyNotPublic } from './address-guard.js';

export type Lookup = (host: string) => Promise<LookupAddress[]>;

export interface TargetRules {
  /** Also what only this machine and its neighbours reach. */
  allowPrivate: boolean;
  /** Default: the operating system's. */
  lookup?: Lookup | undefined;
}

const LONGEST_URL = 1_000;

/** @throws {HoldfastError} WEBHOOK_REFUSED */
export function parseTarget(text: string): URL {
  if (!URL.canParse(text)) throw refused('it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refused('it begins with neither https:// nor http://');
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('it holds a user name or password; the signature proves who sends');
  }
  if (url.href.length > LONGEST_URL) throw refused(`it has more than ${LONGEST_URL} characters`);
  url.hash = '';
  return url;
}

/**
 * The addresses behind a URL, each of them allowed. A connection must go to one of these, and not ask
 * again: the answer may be another one by then.
 *
 * @throws {HoldfastError} WEBHOOK_REFUSED
 */
export async function resolveTarget(url: URL, rules: TargetRules): Promise<LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await addressesOf(host, rules.lookup ?? lookupAll);
  if (rules.allowPrivate) return addresses;
  for (const { address } of addresses) {
    const why = whyNotPublic(address);
    if (why === null) continue;
    const shown = address === host ? address : `${address}, where ${host} leads,`;
    throw refused(
      `${shown} is no public address (${why}). Start \`holdfast serve\` with ` +
        '--allow-private-webhooks if it is yours',
    );
  }
  return addresses;
}

async function addressesOf(host: string, ask: Lookup): Promise<LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const addresses = await ask(host).catch((cause: unknown) => {
    throw refused(`${host} was not found; look at its name and at this machine's DNS`, cause);
  });
  if (addresses.length === 0) throw refused(`${host} has no address`);
  return addresses;
}

function lookupAll(host: string): Promise<LookupAddress[]> {
  return lookup(host, { all: true });
}

function refused(reason: string, cause?: unknown): HoldfastError {
  const transient = cause !== undefined;
  const message = `The webhook's URL cannot be used: ${reason}.`;
  return new HoldfastError('WEBHOOK_REFUSED', message, { cause, transient });
}
