import { readdir } from 'node:fs/promises';
import { HoldfastError } from '../../errors.js';

/** The marker of a restore, a claim, a journal: who has one of these is a profile of ours. */
const OURS = /^holdfast-/;

/**
 * A restore replaces a folder. One that was mistyped, a home directory or a browser in daily use,
 * must not be lost by that.
 *
 * @throws {HoldfastError} DATA_PATH_UNUSABLE
 */
export async function refuseForeignFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0 || names.some((name) => OURS.test(name))) return;
  throw new HoldfastError(
    'DATA_PATH_UNUSABLE',
    `The folder ${folder} is not empty, and no profile that Holdfast has made or used; what is in it ` +
      'would be lost. Nothing was changed. Give another folder, remove this one, or say that it is ' +
      'to be replaced (`overwrite: true`; for the command --overwrite).',
  );
}
