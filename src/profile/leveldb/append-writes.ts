import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../system/sync-folder.js';
import { logName, numberOf } from './file-names.js';
import type { DatabaseContent } from './read-entries.js';
import { encodeRecord } from './record-log-writer.js';
import { encodeWriteBatch, type Write } from './write-batch.js';

/**
 * Adds writes to a database that no process has open, all of them or none: whenever this is cut
 * off, the database is as before or has them. On disk when this resolves.
 *
 * @param content what {@link readContent} gave; the newest log must not be torn
 */
export async function appendWrites(
  dir: string,
  content: DatabaseContent,
  writes: readonly Write[],
): Promise<void> {
  const newest = content.logs.at(-1);
  const name = newest?.name ?? logName(await unusedNumber(dir, content));
  const before = newest ? await readFile(join(dir, name)) : Buffer.alloc(0);
  const record = encodeWriteBatch(content.lastSequence + 1, writes);
  await replaceFile(dir, name, Buffer.concat([before, encodeRecord(record, before.length)]));
}

/** Appending in place could leave half a record, which another program would not cut off. */
async function replaceFile(dir: string, name: string, bytes: Uint8Array): Promise<void> {
  // LevelDB's own suffix for files to be renamed: it removes what a crash leaves of them.
  const temporary = join(dir, name.replace(/\.log$/, '.dbtmp'));
  try {
    await writeFile(temporary, bytes, { mode: 0o600, flush: true });
    await rename(temporary, join(dir, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dir);
}

/** A database that was created and never written to has no log. */
async function unusedNumber(dir: string, { manifest }: DatabaseContent): Promise<number> {
  const used = (await readdir(dir)).map((name) => numberOf(name) ?? 0);
  return Math.max(manifest.version.nextFileNumber, ...used.map((number) => number + 1));
}
