import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelDBFormatError } from './byte-reader.js';
import {
  CURRENT,
  FIRST_MANIFEST,
  isManifestName,
  isTableName,
  logNumberOf,
  tableNames,
} from './file-names.js';
import { readLiveLogs } from './live-log.js';
import { readRecordLog } from './record-log.js';
import { findTableFlaw } from './table.js';
import { replayVersionEdits, type Version } from './version.js';

/** A MANIFEST or log that holds parts of records which were never whole. */
export interface TornFile {
  /** Its path. */
  file: string;
  /** Its length in bytes. */
  size: number;
  /** Its length up to the end of its last whole record, in bytes. */
  wholeEnd: number;
  /** Whether whole records were appended behind such a part; then cutting the end is not enough. */
  appended: boolean;
}

/**
 * What a database is:
 * - `ok`: LevelDB opens it, with everything in it; or there is nothing in it yet.
 * - `torn`: the same once the parts that never were whole records are taken out of these files
 *   (see trimDatabase).
 * - `damaged`: something is missing or does not check; `reason` says what.
 */
export type DatabaseCheck =
  | { state: 'ok' }
  | { state: 'torn'; torn: TornFile[] }
  | { state: 'damaged'; reason: string };

/**
 * Checks the LevelDB database in `dir`, which no process may be writing: CURRENT, MANIFEST, the
 * presence, sizes and footers of the live tables, and every record of the live logs.
 *
 * Stricter than DBImpl::Recover (db/db_impl.cc) where LevelDB loses data in silence: a missing live
 * log, and a torn one that a later log does not go on from. Errors of the file system are thrown as
 * they are.
 */
export async function checkDatabase(dir: string): Promise<DatabaseCheck> {
  try {
    const torn = await findTornFiles(dir);
    return torn.length === 0 ? { state: 'ok' } : { state: 'torn', torn };
  } catch (error) {
    if (error instanceof LevelDBFormatError) return { state: 'damaged', reason: error.message };
    throw error;
  }
}

async function findTornFiles(dir: string): Promise<TornFile[]> {
  const names = await readdir(dir);
  if (!names.includes(CURRENT)) {
    requireNeverUsed(names);
    return [];
  }

  const { version, torn } = await readManifest(dir, await readManifestName(dir, names));
  await requireTables(dir, names, version);
  for (const { name, size, batches, wholeEnd, endDamage } of await readLiveLogs(
    dir,
    names,
    version,
  )) {
    const appended = batches.some(({ damage }) => damage);
    if (appended || endDamage) torn.push({ file: join(dir, name), size, wholeEnd, appended });
  }
  return torn;
}

/**
 * A database whose creation was cut off before CURRENT existed is created anew when it is opened.
 * LevelDB does the same with one that lost its CURRENT, and deletes its tables: that is damage.
 */
function requireNeverUsed(names: string[]): void {
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

/** Edits carry no sequence numbers that could prove a torn one harmless: none may follow it. */
async function readManifest(
  dir: string,
  name: string,
): Promise<{ version: Version; torn: TornFile[] }> {
  const file = join(dir, name);
  const bytes = await readFile(file);
  const log = readRecordLog(bytes);
  if (log.tail === 'corrupt') {
    const { offset, reason } = log.damage;
    throw new LevelDBFormatError(`${name} is corrupt at byte ${offset}: ${reason}`);
  }
  const { wholeEnd } = log;
  const torn = { file, size: bytes.length, wholeEnd, appended: false };
  try {
    const version = replayVersionEdits(log.records);
    return { version, torn: log.tail === 'torn' ? [torn] : [] };
  } catch (error) {
    if (!(error instanceof LevelDBFormatError)) throw error;
    throw new LevelDBFormatError(`${name} cannot be read: ${error.message}`);
  }
}

async function requireTables(dir: string, names: string[], version: Version): Promise<void> {
  const present = new Set(names);
  for (const [number, { size }] of version.tables) {
    const candidates = tableNames(number);
    const name = candidates.find((candidate) => present.has(candidate));
    if (name === undefined) throw new LevelDBFormatError(`table ${candidates[0]} is missing`);
    const flaw = await findTableFlaw(join(dir, name), size);
    if (flaw !== undefined) throw new LevelDBFormatError(`table ${name} ${flaw}`);
  }
}
