import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelDBFormatError } from './byte-reader.js';
import { CURRENT, isManifestName } from './file-names.js';
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
 * Reads the MANIFEST that CURRENT names, which must be there. Throws {@link LevelDBFormatError}.
 *
 * Edits carry no sequence numbers that could prove a torn one harmless: none may follow it.
 */
export async function readManifest(dir: string, names: string[]): Promise<Manifest> {
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
