import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { checkDatabase, type TornFile } from './check-database.js';
import { scanRecords } from './record-log.js';
import { encodeRecord } from './record-log-writer.js';

export interface TrimmedFile {
  file: string;
  /** By how much it became shorter. */
  cutBytes: number;
}

/**
 * Takes out of MANIFEST and logs of the LevelDB database in `dir` what never was a whole record,
 * on disk when this resolves, and returns what was cut. Changes nothing in a database that is
 * damaged elsewhere. No process may have the database open.
 */
export async function trimDatabase(dir: string): Promise<TrimmedFile[]> {
  const check = await checkDatabase(dir);
  if (check.state !== 'torn') return [];
  const trimmed: TrimmedFile[] = [];
  for (const torn of check.torn) {
    const length = torn.appended ? await rewrite(torn) : await cutEnd(torn);
    trimmed.push({ file: torn.file, cutBytes: torn.size - length });
  }
  return trimmed;
}

async function cutEnd({ file: path, wholeEnd }: TornFile): Promise<number> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(wholeEnd);
    await file.sync();
  } finally {
    await file.close();
  }
  return wholeEnd;
}

/**
 * Where a record lies in its block is part of its layout, so that what comes after a hole cannot
 * be moved up as it is. The suffix `.dbtmp` is LevelDB's own for files to be renamed: what a crash
 * leaves of this one is removed when the database is opened (RemoveObsoleteFiles, db/db_impl.cc).
 */
async function rewrite({ file: path }: TornFile): Promise<number> {
  const whole = withoutDamage(await readFile(path));
  const temporary = path.replace(/\.log$/, '.dbtmp');
  try {
    await writeFile(temporary, whole, { mode: 0o600, flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return whole.length;
}

/** A record log with the whole records of `bytes` and nothing else. */
export function withoutDamage(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const { record } of scanRecords(bytes)) {
    const encoded = encodeRecord(record, length);
    parts.push(encoded);
    length += encoded.length;
  }
  return Buffer.concat(parts);
}
