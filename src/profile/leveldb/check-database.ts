import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelDBFormatError } from './byte-reader.js';
import {
  CURRENT,
  FIRST_MANIFEST,
  isManifestName,
  isTableName,
  logName,
  logNumberOf,
  tableNames,
} from './file-names.js';
import { type RecordLog, readRecordLog } from './record-log.js';
import { findTableFlaw } from './table.js';
import { replayVersionEdits, type Version } from './version.js';
import { sequenceOfWriteBatch } from './write-batch.js';

/** A MANIFEST or log with a torn end. */
export interface TornFile {
  /** Its path. */
  file: string;
  /** Its length up to the end of its last whole record, in bytes. */
  wholeEnd: number;
  /** Its length now, in bytes. */
  size: number;
}

/**
 * What a database is:
 * - `ok`: LevelDB opens it, with everything in it; or there is nothing in it yet.
 * - `torn`: the same once the ends of these files are cut off (see trimDatabase).
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
 * log, and an older log with a torn end. Errors of the file system are thrown as they are.
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

  const manifestName = await readManifestName(dir, names);
  const manifest = await readLog(dir, manifestName);
  const version = replayManifest(manifestName, manifest.records);
  await requireTables(dir, names, version);

  const logs: LogFile[] = [];
  for (const name of liveLogNames(names, version)) logs.push(await readLog(dir, name));
  for (const log of logs) requireWriteBatches(log);
  requireNoLogMissing(logs, version);
  requireWholeButNewest(logs);

  return [manifest, ...logs]
    .filter(({ tail }) => tail === 'torn')
    .map(({ name, wholeEnd, size }) => ({ file: join(dir, name), wholeEnd, size }));
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

type LogFile = RecordLog & { name: string; size: number };

async function readLog(dir: string, name: string): Promise<LogFile> {
  const bytes = await readFile(join(dir, name));
  const log = readRecordLog(bytes);
  if (log.tail === 'corrupt') {
    const { offset, reason } = log.damage;
    throw new LevelDBFormatError(`${name} is corrupt at byte ${offset}: ${reason}`);
  }
  return { ...log, name, size: bytes.length };
}

function replayManifest(name: string, records: Uint8Array[]): Version {
  try {
    return replayVersionEdits(records);
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

/** The logs that LevelDB reads when it opens the database, oldest first. */
function liveLogNames(names: string[], { logNumber, previousLogNumber }: Version): string[] {
  return names
    .flatMap((name) => {
      const number = logNumberOf(name);
      return number === undefined ? [] : [{ name, number }];
    })
    .filter(({ number }) => number >= logNumber || number === previousLogNumber)
    .sort((a, b) => a.number - b.number)
    .map(({ name }) => name);
}

function requireWriteBatches({ name, records }: LogFile): void {
  if (records.some((record) => sequenceOfWriteBatch(record) === undefined)) {
    throw new LevelDBFormatError(`${name} holds a record that is not a batch of writes`);
  }
}

/**
 * LevelDB creates a log before the MANIFEST names it and deletes it only after the MANIFEST names
 * a later one, so no crash takes away the named log; a copy that missed the file does.
 *
 * A database that was opened since then has gone on in a newer log without the MANIFEST naming it
 * (DB::Open in db/db_impl.cc, when the MANIFEST is reused). Nothing is lost now that was not lost
 * then: its sequence numbers go on where the tables end.
 */
function requireNoLogMissing(logs: LogFile[], { logNumber, lastSequence }: Version): void {
  const named = logName(logNumber);
  if (logNumber === 0 || logs.some(({ name }) => name === named)) return;
  const oldest = logs[0]?.records[0];
  const sequence = oldest && sequenceOfWriteBatch(oldest);
  if (sequence === undefined || sequence > lastSequence + 1) {
    throw new LevelDBFormatError(`log ${named} is missing`);
  }
}

/** LevelDB goes on with the next log after a torn end: what the end held would be a silent gap. */
function requireWholeButNewest(logs: LogFile[]): void {
  const torn = logs.slice(0, -1).find(({ tail }) => tail === 'torn');
  if (torn) throw new LevelDBFormatError(`${torn.name} has a torn end but is not the newest log`);
}
