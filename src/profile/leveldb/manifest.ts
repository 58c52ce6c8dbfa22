import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelDBFormatError } from './byte-reader.js';
import { CURRENT, FIRST_MANIFEST, isManifestName, isTableName, logNumberOf } from './file-names.js';
import { readRecordLog } from './record-log.js';
import { replayVersionEdits, type Version } from './version.js';

export interface Manifest {
  /** Its path. */
  file: string;
  /** Its length in bytes. */
  size: number;
  /** Its length up to the end of its last whole record, in bytes. */
  wholeEnd: number;
  isTorn: boolean;
  version: Version;
}

/**
 * Reads the MANIFEST that CURRENT names; undefined where no database was ever in use. Throws
 * {@link LevelDBFormatError}.
 *
 * Edits carry no sequence numbers that could prove a torn one harmless: none may follow it.
 */
export async function readManifest(dir: string, names: string[]): Promise<Manifest | undefined> {
  if (!names.includes(CURRENT)) {
    requireNeverUsed(names);
    return undefined;
  }
  const name = await readManifestName(dir, names);
  const file = join(dir, name);
  const bytes = await readFile(file);
  const log = readRecordLog(bytes);
  if (log.tail === 'corrupt') {
    const { offset, reason } = log.damage;
    throw new LevelDBFormatError(`${name} is corrupt at byte ${offset}: ${reason}`);
  }
  const { wholeEnd, tail } = log;
  try {
    const version = replayVersionEdits(log.records);
    return { file, size: bytes.length, wholeEnd, isTorn: tail === 'torn', version };
  } catch (error) {
    if (!(error instanceof LevelDBFormatError)) throw error;
    throw new LevelDBFormatError(`${name} cannot be read: ${error.message}`);
  }
}

/**
 * A database whose creation was cut off before CURRENT existed is created anew when it is opened.
 * LevelDB does the same with one that lost its CURRENT, and deletes its tables: that is damage.
 */
export function requireNeverUsed(names: string[]): void {
  const used = names.find(
    (name) =>
      isTableName(name) ||
      logNumberOf(name) !== undefined ||
      (isManifestName(name) && name !== FIRST_MANIFEST),
  );
  if (used !== undefined) throw new LevelDBFormatError(`${CURRENT} is missing beside ${used}`);
}

async function readManifestName(dir: string, names: string[]): Promise<string> {
  const content = await readFile(join(dir, CURRENT), 'latin1');
  const name = content.slice(0, -1);
  if (!content.endsWith('\n') || !isManifestName(name)) {
    throw new LevelDBFormatError(`${CURRENT} does not name a manifest`);
  }
  if (!names.includes(name)) {
    throw new LevelDBFormatError(`${CURRENT} names ${name}, which is missing`);
  }
  return name;
}
