import { ByteReader, LevelDBFormatError } from './byte-reader.js';
import { encodeSlice, encodeVarint } from './encodings.js';

/** One record of a MANIFEST: what changed from one version of the database to the next. */
export interface VersionEdit {
  comparator?: string;
  logNumber?: number;
  previousLogNumber?: number;
  nextFileNumber?: number;
  lastSequence?: number;
  deletedTables: { level: number; number: number }[];
  newTables: { level: number; number: number; size: number }[];
}

/** Tags of db/version_edit.cc. 8 was used for large values once and is an error now. */
const Tag = {
  COMPARATOR: 1,
  LOG_NUMBER: 2,
  NEXT_FILE_NUMBER: 3,
  LAST_SEQUENCE: 4,
  COMPACTION_POINTER: 5,
  DELETED_TABLE: 6,
  NEW_TABLE: 7,
  PREVIOUS_LOG_NUMBER: 9,
} as const;

/** config::kNumLevels in db/dbformat.h. */
const LEVELS = 7;

/** Decodes a record of a MANIFEST. Throws {@link LevelDBFormatError}. */
export function decodeVersionEdit(record: Uint8Array): VersionEdit {
  const edit: VersionEdit = { deletedTables: [], newTables: [] };
  const reader = new ByteReader(record);
  while (!reader.done) {
    const tag = reader.varint('a tag');
    switch (tag) {
      case Tag.COMPARATOR:
        edit.comparator = Buffer.from(reader.slice('the comparator')).toString();
        break;
      case Tag.LOG_NUMBER:
        edit.logNumber = reader.varint('the log number');
        break;
      case Tag.PREVIOUS_LOG_NUMBER:
        edit.previousLogNumber = reader.varint('the previous log number');
        break;
      case Tag.NEXT_FILE_NUMBER:
        edit.nextFileNumber = reader.varint('the next file number');
        break;
      case Tag.LAST_SEQUENCE:
        edit.lastSequence = reader.varint('the last sequence number');
        break;
      case Tag.COMPACTION_POINTER:
        readLevel(reader);
        reader.slice('a compaction pointer');
        break;
      case Tag.DELETED_TABLE:
        edit.deletedTables.push({
          level: readLevel(reader),
          number: reader.varint('the number of a deleted table'),
        });
        break;
      case Tag.NEW_TABLE:
        edit.newTables.push({
          level: readLevel(reader),
          number: reader.varint('the number of a new table'),
          size: reader.varint('the size of a new table'),
        });
        reader.slice('the smallest key of a new table');
        reader.slice('the largest key of a new table');
        break;
      default:
        throw new LevelDBFormatError(`unknown tag ${tag}`);
    }
  }
  return edit;
}

/** The record that says how a new database begins. */
export function encodeVersionEdit(edit: {
  comparator: string;
  logNumber: number;
  nextFileNumber: number;
  lastSequence: number;
}): Uint8Array {
  return Buffer.concat([
    encodeVarint(Tag.COMPARATOR),
    encodeSlice(Buffer.from(edit.comparator)),
    encodeVarint(Tag.LOG_NUMBER),
    encodeVarint(edit.logNumber),
    encodeVarint(Tag.NEXT_FILE_NUMBER),
    encodeVarint(edit.nextFileNumber),
    encodeVarint(Tag.LAST_SEQUENCE),
    encodeVarint(edit.lastSequence),
  ]);
}

function readLevel(reader: ByteReader): number {
  const level = reader.varint('a level');
  if (level >= LEVELS) throw new LevelDBFormatError(`level ${level} does not exist`);
  return level;
}
