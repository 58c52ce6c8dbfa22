import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelDBFormatError } from './byte-reader.js';
import { isTableName, logName, logNumberOf } from './file-names.js';
import { type Damage, scanRecords } from './record-log.js';
import type { Version } from './version.js';
import { readWriteBatchHeader, type WriteBatchHeader } from './write-batch.js';

/** A log with writes that are not in the tables yet. */
export interface LiveLog {
  name: string;
  /** Length of the file in bytes. */
  size: number;
  /** Its whole records, oldest first. */
  batches: LoggedBatch[];
  /** Offset behind the last whole record. */
  wholeEnd: number;
  /** The damage behind the last whole record. */
  endDamage: Damage | undefined;
}

export interface LoggedBatch extends WriteBatchHeader {
  /** The whole record. */
  record: Uint8Array;
  /** The damage in front of it. */
  damage: Damage | undefined;
}

/**
 * Reads the logs that LevelDB reads when it opens the database in `dir`, oldest first. Throws
 * {@link LevelDBFormatError} when a write that was once whole is missing from them.
 */
export async function readLiveLogs(
  dir: string,
  names: string[],
  version: Version,
): Promise<LiveLog[]> {
  const logs: LiveLog[] = [];
  for (const name of liveLogNames(names, version)) {
    logs.push(scanLog(name, await readFile(join(dir, name))));
  }
  requireUsedManifest(names, logs, version);
  judgeLogs(logs, version);
  return logs;
}

/** Throws {@link LevelDBFormatError} when a write that was once whole is missing from the logs. */
export function judgeLogs(logs: LiveLog[], version: Version): void {
  requireNamedLog(logs, version);
  requireNoGapAtDamage(logs);
}

/** Which of a directory's files LevelDB reads as logs when it opens the database, oldest first. */
export function liveLogNames(
  names: string[],
  { logNumber, previousLogNumber }: Pick<Version, 'logNumber' | 'previousLogNumber'>,
): string[] {
  return names
    .flatMap((name) => {
      const number = logNumberOf(name);
      return number === undefined ? [] : [{ name, number }];
    })
    .filter(({ number }) => number >= logNumber || number === previousLogNumber)
    .sort((a, b) => a.number - b.number)
    .map(({ name }) => name);
}

/** Throws {@link LevelDBFormatError} for a record that is no batch of writes. */
export function scanLog(name: string, bytes: Uint8Array): LiveLog {
  const batches: LoggedBatch[] = [];
  let wholeEnd = 0;
  const scan = scanRecords(bytes);
  let next = scan.next();
  for (; !next.done; next = scan.next()) {
    const { record, end, damage } = next.value;
    const header = readWriteBatchHeader(record);
    if (!header) {
      throw new LevelDBFormatError(`${name} holds a record that is not a batch of writes`);
    }
    batches.push({ ...header, record, damage });
    wholeEnd = end;
  }
  return { name, size: bytes.length, batches, wholeEnd, endDamage: next.value };
}

/**
 * LevelDB creates a log before the MANIFEST names it and deletes it only after the MANIFEST names
 * a later one, so no crash takes away the named log; a copy that missed the file does.
 *
 * A database that was opened since then has gone on in a newer log without the MANIFEST naming it
 * (DB::Open in db/db_impl.cc, when the MANIFEST is reused). Nothing is lost now that was not lost
 * then: its sequence numbers go on where the tables end.
 */
function requireNamedLog(logs: LiveLog[], { logNumber, lastSequence }: Version): void {
  const named = logName(logNumber);
  if (logNumber === 0 || logs.some(({ name }) => name === named)) return;
  const oldest = logs[0]?.batches[0];
  if (oldest === undefined || oldest.sequence > lastSequence + 1) {
    throw new LevelDBFormatError(`log ${named} is missing`);
  }
}

/**
 * A MANIFEST that knows of no table and no log yet, beside a table: LevelDB would delete the table.
 * A crash in front of the first edit leaves the log that the table was made of.
 */
function requireUsedManifest(names: string[], logs: LiveLog[], version: Version): void {
  const isNew = version.logNumber === 0 && version.tables.size === 0;
  if (!isNew || logs.some(({ batches }) => batches.length > 0)) return;
  const table = names.find(isTableName);
  if (table) throw new LevelDBFormatError(`the manifest knows nothing of ${table}`);
}

/**
 * Tells damage that never was a whole record from damage to one, when records come after it.
 *
 * A write that a full disk or a crash cut off never counted: LevelDB, opened again, gives its
 * sequence numbers to the next writes, so they go on without a gap. (Measured: on a full disk
 * Chromium 156 opens IndexedDB again in the same run and appends behind the half record.)
 * A record that was whole and is damaged leaves a gap. Numbers that come twice mean that LevelDB
 * has read the damaged log before and passed over records that are readable here.
 */
function requireNoGapAtDamage(logs: LiveLog[]): void {
  let damage: string | undefined;
  let gap = false;
  let before: LoggedBatch | undefined;
  let endDamage: string | undefined;
  for (const log of logs) {
    for (const batch of log.batches) {
      const inFront = batch.damage ? describe(log, batch.damage) : endDamage;
      damage ??= inFront;
      gap ||= before ? batch.sequence !== before.sequence + before.count : inFront !== undefined;
      before = batch;
      endDamage = undefined;
    }
    if (log.endDamage) endDamage = describe(log, log.endDamage);
  }
  if (damage !== undefined && gap) throw new LevelDBFormatError(damage);
}

function describe({ name }: LiveLog, { offset, reason }: Damage): string {
  return `${name} is corrupt at byte ${offset}: ${reason}`;
}
