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

/**
 * True for what a file system says of a file that the browser has deleted, is deleting or has open
 * in a way that keeps others out for a moment (the last three: Windows, or a virus scanner there).
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof ProfileMoved) return true;
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOENT', 'EBUSY', 'EPERM', 'EACCES', 'ESTALE'].includes(code);
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
