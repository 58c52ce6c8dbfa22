import fs from 'node:fs/promises';

/** The calls of the file system that a capture makes. */
export type ProfileFiles = Pick<
  typeof fs,
  'copyFile' | 'link' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rm' | 'stat'
>;

export const nodeFiles: ProfileFiles = fs;

/** The profile changed while it was looked at; looking again may help. */
export class ProfileMoved extends Error {
  override readonly name = 'ProfileMoved';
}

/** True for what a file system says of a file that the browser has deleted or is deleting, too. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ProfileMoved || isBusy(error)) return true;
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOENT', 'ESTALE'].includes(code);
}

/**
 * True when a file is there and cannot be had for a moment: others keep it closed (the first three:
 * Windows, or a virus scanner there), or there is no handle left.
 */
export function isBusy(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['EBUSY', 'EPERM', 'EACCES', 'EMFILE', 'ENFILE'].includes(code);
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
