import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { localStorageFolder } from './local-storage.js';

/** Enough for LevelDB's first line, which holds a time and a path. */
const LINE_BYTES = 4096;

/**
 * A mark of the last opening of a profile: it changes when a browser, whichever program started
 * it, opens the profile again, and at nothing else. Null when no browser ever did.
 *
 * It is the identity of the text log of the Local Storage database. Whoever opens a LevelDB
 * database renames LOG to LOG.old and begins another (SanitizeOptions in db/db_impl.cc), whose
 * first line holds the time to the millisecond. Chromium opens this database at its start, before
 * the first page (seen on Chromium 150 at each start looked at, also with an empty page only).
 */
export async function readOpeningMark(userDataDir: string): Promise<string | null> {
  try {
    const file = await open(join(localStorageFolder(userDataDir), 'LOG'), 'r');
    try {
      const { ino } = await file.stat({ bigint: true });
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LINE_BYTES), 0, LINE_BYTES, 0);
      const line = buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0] ?? '';
      return line === '' ? null : `${ino} ${line}`;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
