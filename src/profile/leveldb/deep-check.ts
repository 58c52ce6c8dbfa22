import { LevelDBFormatError } from './byte-reader.js';
import { decodeInternalKey } from './internal-key.js';
import type { LiveLog } from './live-log.js';
import type { Table } from './table.js';
import type { Version } from './version.js';
import { readWrites } from './write-batch.js';

/** Reads all of a table. Throws {@link LevelDBFormatError}. */
export async function verifyTable(table: Table): Promise<void> {
  await table.forEachEntry(({ key }) => void decodeInternalKey(key));
  await table.verifyMetaBlocks();
}

/**
 * Decodes all writes in the logs and makes sure that none is missing between them, or between the
 * tables and them. Throws {@link LevelDBFormatError}.
 *
 * Not for deciding whether a database may be opened: LevelDB spends sequence numbers also on a
 * write that a full disk refused whole, which leaves a gap that lost nothing.
 */
export function verifyLogs(logs: LiveLog[], { lastSequence }: Version): void {
  // The manifest may have been written when the oldest log already held some writes.
  let isFirst = true;
  let next = lastSequence + 1;
  for (const { name, batches } of logs) {
    for (const { record, sequence, count } of batches) {
      if (sequence > next) {
        throw new LevelDBFormatError(`${name} goes on with write ${sequence} where ${next} is due`);
      }
      next = isFirst ? sequence + count : Math.max(next, sequence + count);
      isFirst = false;
      verifyWrites(name, record);
    }
  }
}

function verifyWrites(log: string, record: Uint8Array): void {
  try {
    for (const _ of readWrites(record));
  } catch (error) {
    if (!(error instanceof LevelDBFormatError)) throw error;
    throw new LevelDBFormatError(`${log} cannot be read: ${error.message}`);
  }
}
