import { HoldfastError } from '../../errors.js';

/** What the same call may answer differently later, without any change by the caller. */
const PASSING: Record<string, string> = {
  EBUSY: 'a file is held by another program',
  EIO: 'its disk failed to read or write',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  ENODEV: 'its disk is not there',
  ENOENT: 'a part of it is not there any more',
  ENOTCONN: 'its disk is not connected',
  ENXIO: 'its disk is not there',
  EHOSTDOWN: 'its server does not answer',
  EHOSTUNREACH: 'its server does not answer',
  ESTALE: 'its server has forgotten it',
  ETIMEDOUT: 'its server does not answer',
};

const LASTING: Record<string, string> = {
  EACCES: 'this user may not do that there; give it the right to read and write',
  EISDIR: 'a folder is in the way; give a folder that only Holdfast uses',
  ENAMETOOLONG: 'its path is too long; give a shorter one',
  ENOTDIR: 'a file is in the way of one of its folders; give another path',
  EPERM: 'this user may not do that there; give it the right to read and write',
  EROFS: 'its file system is read-only; give a folder that can be written to',
  EXDEV: 'it spans two disks; give a folder that lies on one',
};

export function errnoOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : '';
}

/** @param doing what was tried, such as `write the object a` */
export function fileError(folder: string, doing: string, cause: unknown): HoldfastError {
  const code = errnoOf(cause);
  const what = `Cannot ${doing} in the store folder ${folder}`;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const reason = code === 'ENOSPC' ? 'its disk is full' : 'the disk quota is used up';
    return new HoldfastError(
      'STORE_FULL',
      `${what}: ${reason}. What was there stands. Make room; then the same call succeeds.`,
      { cause, transient: true },
    );
  }
  const passing = PASSING[code];
  if (passing !== undefined) {
    return new HoldfastError('STORE_UNREACHABLE', `${what}: ${passing} (${code}).`, {
      cause,
      transient: true,
    });
  }
  const reason = LASTING[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new HoldfastError('STORE_UNUSABLE', `${what}: ${reason}.`, { cause });
}
