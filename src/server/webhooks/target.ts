import { type LookupAddress, lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ApiError } from '../api-error.js';
import { isPrivateAddress } from './private-addresses.js';

/** @throws {ApiError} WEBHOOK_TARGET_REFUSED */
export function checkTarget(url: string, allowPrivate: boolean): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !['http:', 'https:'].includes(target.protocol)) {
    throw refused('A webhook is an address that begins with https:// or http://.');
  }
  if (target.username !== '' || target.password !== '') {
    throw refused('A webhook has no user and password in its address; its signature proves it.');
  }
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const isLocalName = /(^|\.)localhost\.?$/i.test(host);
  if (!allowPrivate && (isLocalName || (isIP(host) !== 0 && isPrivateAddress(host)))) {
    throw refused(notAllowed(host));
  }
  return target;
}

/**
 * Looks a name up and refuses private addresses, at the moment of connecting: what the name leads to
 * was checked, and nothing else is connected to.
 */
export function guardedLookup(allowPrivate: boolean, look: typeof lookUp = lookUp): LookupFunction {
  return (host, options, callback) => {
    look(host, { ...options, all: true }, (error, found) => {
      const addresses = error === null ? (found as LookupAddress[]) : [];
      const bad = addresses.find(({ address }) => !allowPrivate && isPrivateAddress(address));
      const [first] = addresses;
      if (error !== null) callback(error, '', 0);
      else if (bad !== undefined || first === undefined)
        callback(new Error(notAllowed(host)), '', 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function notAllowed(host: string): string {
  return (
    `${host} is not on the internet, but on this machine or in its network. Whoever runs the server ` +
    'can allow it: `holdfast serve --allow-private-webhooks`.'
  );
}

function refused(message: string): ApiError {
  return new ApiError(400, 'WEBHOOK_TARGET_REFUSED', message);
}
