import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../errors.js';
import { type FoundTokens, findTokens } from '../server/auth/token-file.js';
import { fleetSecretFrom, fleetSecretOf } from '../server/peers/fleet-secret.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';

const TOKEN_FILE = 'holdfast-tokens.json';

/** @throws {HoldfastError} KEY_MISSING, INVALID_OPTION */
export function checkKeyGiven(key: EncryptionKey | undefined, withoutKey: boolean): void {
  if (key === undefined && !withoutKey) {
    throw new HoldfastError(
      'KEY_MISSING',
      '`holdfast serve` seals what it stores, and was given no key. `holdfast key new` makes one; ' +
        'give it by --key-file or HOLDFAST_KEY. Or say --without-key: then whoever reads the store ' +
        'has all logins.',
    );
  }
  if (key !== undefined && withoutKey) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'Both a key and --without-key are given. Leave one out.',
    );
  }
}

/** @throws {HoldfastError} INVALID_OPTION, DATA_PATH_UNUSABLE */
export function tokensOf(
  tokenFile: string | undefined,
  dataPath: string,
): Promise<FoundTokens & { file: string }> {
  const { HOLDFAST_ADMIN_TOKEN: admin, HOLDFAST_VIEWER_TOKEN: viewer } = process.env;
  if (tokenFile !== undefined && (admin || viewer)) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'Both --token-file and a token in the environment are given. Leave one out.',
    );
  }
  const file = tokenFile ?? path.join(dataPath, TOKEN_FILE);
  return findTokens({ admin, viewer }, file).then((found) => ({ ...found, file }));
}

/** Null: there is none, and none can be derived. @throws {HoldfastError} INVALID_OPTION */
export async function fleetSecret(
  file: string | undefined,
  key: EncryptionKey | undefined,
): Promise<Uint8Array | null> {
  const { HOLDFAST_FLEET_SECRET: given } = process.env;
  if (file !== undefined && given) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'Both --fleet-secret-file and HOLDFAST_FLEET_SECRET are given. Leave one out.',
    );
  }
  if (file !== undefined) return fleetSecretOf(await contentOf(file), file);
  if (given) return fleetSecretOf(given, 'HOLDFAST_FLEET_SECRET');
  return fleetSecretFrom(key);
}

/** A URL's scheme, host and port. @throws {HoldfastError} INVALID_OPTION */
export function originOf(url: string | undefined, option: string): string | undefined {
  if (url === undefined) return undefined;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isOrigin =
    parsed !== null &&
    ['http:', 'https:'].includes(parsed.protocol) &&
    parsed.href === `${parsed.origin}/`;
  if (isOrigin) return parsed.origin;
  throw new HoldfastError(
    'INVALID_OPTION',
    `${option} is ${JSON.stringify(url)}, but must be like http://10.0.0.5:8480 or ` +
      'https://sessions.example.com, without a path.',
  );
}

/** A host's name or address, without scheme, port and path. @throws {HoldfastError} INVALID_OPTION */
export function checkHostName(host: string, option: string): string {
  if (/^[\w.-]+$|^[\da-f:.]+$/i.test(host)) return host;
  throw new HoldfastError(
    'INVALID_OPTION',
    `${option} is ${JSON.stringify(host)}, but must be a host name or an address, without a port.`,
  );
}

async function contentOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const message = `The fleet secret's file cannot be read: ${(cause as Error).message}`;
    throw new HoldfastError('INVALID_OPTION', message, { cause });
  }
}
