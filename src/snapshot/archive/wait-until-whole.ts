import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveFault } from './archive-fault.js';
import { isSealedArchive, isWholeSealedArchive } from './sealed-archive.js';
import { DEFAULT_LIMITS, surveyArchive } from './survey-archive.js';

const LOOK_EVERY_MS = 100;

/**
 * Waits until an archive that is still being written is whole: there are programs that say they
 * are done before. One that does not become whole is waited for until it has not grown for
 * `stillMs`; what is wrong with it, who reads it will say.
 *
 * @returns false: there is no such file
 */
export async function waitUntilWhole(file: string, stillMs: number): Promise<boolean> {
  let size = await sizeOf(file);
  for (let still = performance.now(); ; ) {
    if (size !== null && (await isWhole(file))) return true;
    if (performance.now() - still >= stillMs) return size !== null;
    await sleep(LOOK_EVERY_MS);
    const now = await sizeOf(file);
    if (now !== size) still = performance.now();
    size = now;
  }
}

async function isWhole(file: string): Promise<boolean> {
  if (await isSealedArchive(file)) return isWholeSealedArchive(file);
  const archive = await open(file, 'r');
  try {
    await surveyArchive(archive, DEFAULT_LIMITS);
    return true;
  } catch (error) {
    // What is refused does not become better.
    return error instanceof ArchiveFault && error.code !== 'ARCHIVE_DAMAGED';
  } finally {
    await archive.close();
  }
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
