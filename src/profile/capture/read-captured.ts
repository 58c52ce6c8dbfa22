import { HoldfastError } from '../../errors.js';
import type { CapturedFile } from './captured-profile.js';
import { isMissing, ProfileMoved } from './profile-files.js';

/** Fills `target` from `position` of the file on. */
export type Fill = (target: Uint8Array, position: number) => Promise<void>;

/** How often a file that is written while it is read is read again. */
const READS_OF_CHANGING = 3;

/**
 * Has a captured file read, and read again if it was written meanwhile. Null when the file has
 * gone, or became shorter, since it was seen: those on their own may.
 *
 * @throws {HoldfastError} CAPTURE_FAILED, and what `read` throws of itself
 */
export async function readCaptured<T>(
  file: CapturedFile,
  read: (fill: Fill) => Promise<T>,
): Promise<T | null> {
  const fill: Fill = (target, position) => noted(file.read(target, position));
  try {
    for (let reads = 1; ; reads++) {
      const result = await read(fill);
      if (reads === READS_OF_CHANGING || (await noted(file.isSettled()))) return result;
    }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const { cause } = error;
    const hasMoved = isMissing(cause) || cause instanceof ProfileMoved;
    if (file.kind === 'changing' && hasMoved) return null;
    throw captureFailed(file.path, cause);
  }
}

/** What kept a file from being read; told apart from what its reader did with it. */
class UnreadableFile extends Error {}

async function noted<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new UnreadableFile('', { cause });
  }
}

function captureFailed(path: string, cause: unknown): unknown {
  if (cause instanceof HoldfastError) return cause;
  return new HoldfastError(
    'CAPTURE_FAILED',
    `${path} of the profile could not be read: ${(cause as Error).message}. Nothing was saved, the ` +
      'snapshot before stands.',
    { cause, transient: true },
  );
}
