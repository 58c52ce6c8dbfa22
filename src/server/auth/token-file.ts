import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import { warn } from '../../system/warn.js';
import { checkToken, hashToken, type TokenHashes } from './tokens.js';

export interface GivenTokens {
  admin?: string | undefined;
  viewer?: string | undefined;
}

export interface FoundTokens {
  hashes: TokenHashes;
  /** Just made: they can be shown now, and never again. */
  created: { admin: string; viewer: string } | null;
}

const HASH = /^[\da-f]{64}$/;

/**
 * The tokens of the environment; without an admin's, those of the file, which is made if it is not
 * there. It holds only hashes.
 *
 * @throws {HoldfastError} INVALID_OPTION, DATA_PATH_UNUSABLE
 */
export async function findTokens(given: GivenTokens, file: string): Promise<FoundTokens> {
  const admin = hashOf(given.admin, 'HOLDFAST_ADMIN_TOKEN');
  const viewer = hashOf(given.viewer, 'HOLDFAST_VIEWER_TOKEN');
  if (admin !== null && admin === viewer) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'HOLDFAST_ADMIN_TOKEN and HOLDFAST_VIEWER_TOKEN are the same: viewers would be admins.',
    );
  }
  if (admin !== null) return { hashes: { admin, viewer }, created: null };
  const found = (await readTokenFile(file)) ?? (await createTokenFile(file));
  return { ...found, hashes: { ...found.hashes, viewer: viewer ?? found.hashes.viewer } };
}

function hashOf(token: string | undefined, where: string): string | null {
  return token === undefined || token === '' ? null : hashToken(checkToken(token, where));
}

/** Null: it is not there. */
async function readTokenFile(file: string): Promise<FoundTokens | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    await checkMode(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause instanceof HoldfastError ? cause : unusable(file, cause as Error);
  }
  const hashes = parse(text);
  if (hashes !== null) return { hashes, created: null };
  throw new HoldfastError(
    'INVALID_OPTION',
    `The token file ${file} does not hold the hashes of tokens. Delete it, and new tokens are made.`,
  );
}

async function createTokenFile(file: string): Promise<FoundTokens> {
  const created = { admin: newToken(), viewer: newToken() };
  const hashes = { admin: hashToken(created.admin), viewer: hashToken(created.viewer) };
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(hashes, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await chmod(file, 0o600);
  } catch (cause) {
    // Another worker on this disk was faster.
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const found = isThere ? await readTokenFile(file) : null;
    if (found !== null) return found;
    throw unusable(file, cause as Error);
  }
  return { hashes, created };
}

async function checkMode(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(file);
  if ((mode & 0o022) !== 0) {
    throw new HoldfastError(
      'INVALID_OPTION',
      `Others can write the token file ${file}, and so make themselves tokens: chmod 600 ${file}`,
    );
  }
  if ((mode & 0o044) === 0) return;
  warn('TOKEN_FILE_READABLE', `Others can read the token file ${file}: chmod 600 ${file}`);
}

function parse(text: string): TokenHashes | null {
  try {
    const { admin, viewer = null } = JSON.parse(text) as Partial<TokenHashes>;
    const isRight = HASH.test(String(admin)) && (viewer === null || HASH.test(String(viewer)));
    return isRight && admin !== undefined && admin !== viewer ? { admin, viewer } : null;
  } catch {
    return null;
  }
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function unusable(file: string, cause: Error): HoldfastError {
  return new HoldfastError(
    'DATA_PATH_UNUSABLE',
    `The token file ${file} cannot be used: ${cause.message}. Choose another one with ` +
      '--token-file, or give HOLDFAST_ADMIN_TOKEN.',
    { cause },
  );
}
