import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../system/sync-folder.js';
import { CURRENT, FIRST_MANIFEST, logName } from './file-names.js';
import { BYTEWISE_COMPARATOR } from './read-entries.js';
import { encodeRecord } from './record-log-writer.js';
import { encodeVersionEdit } from './version-edit.js';
import { encodeWriteBatch, type Write } from './write-batch.js';

const FIRST_LOG = 2;

/**
 * Makes a database in `dir` that holds these writes, in place of what may be there. It appears
 * whole, or not at all, whenever this is cut off; on disk when this resolves.
 */
export async function createDatabase(dir: string, writes: readonly Write[]): Promise<void> {
  const edit = encodeVersionEdit({
    comparator: BYTEWISE_COMPARATOR,
    logNumber: FIRST_LOG,
    nextFileNumber: FIRST_LOG + 1,
    lastSequence: 0,
  });
  const files = {
    [FIRST_MANIFEST]: encodeRecord(edit, 0),
    [logName(FIRST_LOG)]: encodeRecord(encodeWriteBatch(1, writes), 0),
    [CURRENT]: `${FIRST_MANIFEST}\n`,
  };
  const parent = dirname(dir);
  // The same name each time, so that what a crash leaves is cleared away by the next try.
  const temporary = `${dir}.holdfast`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(temporary, name), content, { mode: 0o600, flush: true });
    }
    await syncFolder(temporary);
    await rm(dir, { recursive: true, force: true });
    await rename(temporary, dir);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(parent);
}
