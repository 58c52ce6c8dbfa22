import { HoldfastError } from '../errors.js';

/** Out of room and a number of others: the same call may succeed when there is room again. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

export function dataPathError(what: string, error: NodeJS.ErrnoException): HoldfastError {
  const isPassing = PASSING.has(error.code ?? '');
  const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  const advice = isFull
    ? 'Make room on the disk.'
    : 'See that the paths exist and that this user may read and write there.';
  return new HoldfastError('DATA_PATH_UNUSABLE', `${what}: ${error.message}. ${advice}`, {
    cause: error,
    transient: isPassing,
  });
}

/** Errors of zlib have codes too, but come of no system call. */
export function isFileSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
