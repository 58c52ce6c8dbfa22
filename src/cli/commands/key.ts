import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { HoldfastError } from '../../errors.js';
import { KEY_BYTES } from '../../snapshot/encryption-key.js';
import { rotateKey } from '../../snapshot/key-cell.js';
import { errorReport, exitCodeOf } from '../exit-codes.js';
import { readKey } from '../key-source.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';

interface RotateFlags extends EngineFlags {
  newKeyFile?: string;
  newPassphraseFile?: string;
}

export function addKey(program: Command, onEnd: (exitCode: number) => void): void {
  const key = program.command('key').description('Make keys that seal sessions, and change them.');
  key
    .command('new')
    .description('Make a new key: 32 random bytes, as base64.')
    .option('--out <file>', 'write it to a new file that only this user can read')
    .action(async (flags: { out?: string }) => onEnd(await newKey(flags.out)));
  const rotate = key
    .command('rotate')
    .description('Seal a session with another key from now on. Its data is not written anew.')
    .option('--new-key-file <file>', 'the file of the new key')
    .option('--new-passphrase-file <file>', 'the file of the new passphrase');
  engineOptions(rotate, { needsSession: true, needsKey: true }).action(async (flags: RotateFlags) =>
    onEnd(await answerWith(flags, (context) => rotateTo(context, flags))),
  );
}

async function newKey(out: string | undefined): Promise<number> {
  const text = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
  try {
    if (out === undefined) process.stdout.write(text);
    else {
      await writeFile(out, text, { mode: 0o600, flag: 'wx' }).catch(refuseFile(out));
      process.stdout.write(
        `Wrote a new key to ${out}. Keep a copy elsewhere: without it the sessions are lost.\n`,
      );
    }
    return 0;
  } catch (error) {
    const { code, message } = errorReport(error);
    process.stderr.write(`Error ${code}: ${message}\n`);
    return exitCodeOf(error);
  }
}

function refuseFile(file: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    throw new HoldfastError(
      'INVALID_OPTION',
      cause.code === 'EEXIST'
        ? `The file ${file} is there already; it may hold a key in use, and was not touched.`
        : `The file ${file} cannot be written: ${cause.message}`,
      { cause },
    );
  };
}

async function rotateTo(
  { location: { store, session, encryptionKey } }: EngineContext,
  { newKeyFile, newPassphraseFile }: RotateFlags,
): Promise<Answer> {
  if (encryptionKey === undefined) {
    throw new HoldfastError('KEY_MISSING', 'Give the key that the session is sealed with now.');
  }
  if (newKeyFile === undefined && newPassphraseFile === undefined) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'Give the new key by --new-key-file or --new-passphrase-file.',
    );
  }
  const newKey = await readKey({
    ...(newKeyFile !== undefined && { keyFile: newKeyFile }),
    ...(newPassphraseFile !== undefined && { passphraseFile: newPassphraseFile }),
  });
  if (newKey === undefined) throw new HoldfastError('INVALID_KEY', 'The new key is empty.');
  await rotateKey(store, session, encryptionKey, newKey);
  return {
    text: `${session} is sealed with the new key. The old one opens it no more.`,
    json: { session, rotated: true },
  };
}
