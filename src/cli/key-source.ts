import { readFile, stat } from 'node:fs/promises';
import { HoldfastError } from '../errors.js';
import { type EncryptionKey, KEY_BYTES, parseEncryptionKey } from '../snapshot/encryption-key.js';
import { warn } from '../system/warn.js';

/** Where the key is: never on the command line itself, where everybody on the machine sees it. */
export interface KeyFlags {
  keyFile?: string;
  passphraseFile?: string;
}

/**
 * The key that the flags or the environment name: `--key-file`, `--passphrase-file`, then
 * HOLDFAST_KEY_FILE, HOLDFAST_KEY, HOLDFAST_PASSPHRASE. Undefined when none does.
 *
 * @throws {HoldfastError} INVALID_KEY, INVALID_OPTION when two are given
 */
export async function readKey(flags: KeyFlags): Promise<EncryptionKey | undefined> {
  const { keyFile, passphraseFile } = flags;
  const { HOLDFAST_KEY_FILE, HOLDFAST_KEY, HOLDFAST_PASSPHRASE } = process.env;
  if (keyFile !== undefined || passphraseFile !== undefined) {
    const given = onlyOne({ '--key-file': keyFile, '--passphrase-file': passphraseFile });
    return given === '--key-file'
      ? rawKeyOf(await readSecret(keyFile ?? ''), keyFile ?? '')
      : { passphrase: lineOf(await readSecret(passphraseFile ?? ''), passphraseFile ?? '') };
  }
  switch (onlyOne({ HOLDFAST_KEY_FILE, HOLDFAST_KEY, HOLDFAST_PASSPHRASE })) {
    case 'HOLDFAST_KEY_FILE':
      return rawKeyOf(await readSecret(HOLDFAST_KEY_FILE ?? ''), HOLDFAST_KEY_FILE ?? '');
    case 'HOLDFAST_KEY':
      return rawKeyOf(Buffer.from(HOLDFAST_KEY ?? ''), 'HOLDFAST_KEY');
    case 'HOLDFAST_PASSPHRASE':
      return { passphrase: HOLDFAST_PASSPHRASE ?? '' };
    default:
      return undefined;
  }
}

function onlyOne(given: Record<string, string | undefined>): string | undefined {
  const names = Object.keys(given).filter((name) => given[name]);
  if (names.length <= 1) return names[0];
  throw new HoldfastError(
    'INVALID_OPTION',
    `Both ${names.join(' and ')} are given, but a session has one key. Leave one out.`,
  );
}

async function readSecret(file: string): Promise<Buffer> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      warn('KEY_FILE_READABLE', `Others can read the key file ${file}: chmod 600 ${file}`);
    }
    return await readFile(file);
  } catch (cause) {
    throw new HoldfastError(
      'INVALID_KEY',
      `The key file ${file} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** 32 bytes as they are, or as base64, base64url or hex. */
function rawKeyOf(content: Buffer, where: string): EncryptionKey {
  if (content.length === KEY_BYTES) return content;
  const text = content.toString('latin1').trim();
  if (/^[-\w+/]{43}=?$|^[0-9a-fA-F]{64}$/.test(text)) {
    const parsed = parseEncryptionKey(text);
    if (parsed.kind === 'raw') return parsed.key;
  }
  throw new HoldfastError(
    'INVALID_KEY',
    `${where} holds no key of ${KEY_BYTES} bytes, neither as such nor as base64 or hex. ` +
      '`holdfast key new` makes one; a passphrase is given by --passphrase-file or HOLDFAST_PASSPHRASE.',
  );
}

function lineOf(content: Buffer, file: string): string {
  const line = content.toString('utf8').replace(/\r?\n$/, '');
  if (line !== '') return line;
  throw new HoldfastError('INVALID_KEY', `The passphrase file ${file} is empty.`);
}
