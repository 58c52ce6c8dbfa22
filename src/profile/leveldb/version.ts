import { LevelDBFormatError } from './byte-reader.js';
import { decodeVersionEdit } from './version-edit.js';

/** The state of a database that its MANIFEST describes. */
export interface Version {
  /** Name of the order of keys, such as `idb_cmp1`. */
  comparator: string;
  /** Logs with this number or a higher one are not in the tables yet. 0 in a database just created. */
  logNumber: number;
  /** One more log not in the tables yet, named by LevelDB versions of old only; else 0. */
  previousLogNumber: number;
  nextFileNumber: number;
  lastSequence: number;
  /** The live tables by number, sizes in bytes. */
  tables: Map<number, { level: number; size: number }>;
}

/** Applies the records of a MANIFEST, oldest first. Throws {@link LevelDBFormatError}. */
export function replayVersionEdits(records: Iterable<Uint8Array>): Version {
  const tables: Version['tables'] = new Map();
  let comparator: string | undefined;
  let logNumber: number | undefined;
  let previousLogNumber = 0;
  let nextFileNumber: number | undefined;
  let lastSequence: number | undefined;

  for (const record of records) {
    const edit = decodeVersionEdit(record);
    comparator = edit.comparator ?? comparator;
    logNumber = edit.logNumber ?? logNumber;
    previousLogNumber = edit.previousLogNumber ?? previousLogNumber;
    nextFileNumber = edit.nextFileNumber ?? nextFileNumber;
    lastSequence = edit.lastSequence ?? lastSequence;
    // Deletions first: an edit that moves a table to another level names it in both lists.
    for (const { level, number } of edit.deletedTables) {
      if (tables.get(number)?.level === level) tables.delete(number);
    }
    for (const { level, number, size } of edit.newTables) tables.set(number, { level, size });
  }

  // Every MANIFEST begins with it (VersionSet::WriteSnapshot), so this one has lost its beginning.
  if (comparator === undefined) throw new LevelDBFormatError('it names no order of keys');
  // VersionSet::Recover (db/version_set.cc) refuses a MANIFEST without these three.
  if (nextFileNumber === undefined) throw new LevelDBFormatError('it names no next file number');
  if (logNumber === undefined) throw new LevelDBFormatError('it names no log number');
  if (lastSequence === undefined) throw new LevelDBFormatError('it names no last sequence number');
  return { comparator, logNumber, previousLogNumber, nextFileNumber, lastSequence, tables };
}
