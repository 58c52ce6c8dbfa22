import { readFragment } from './fragment.js';
import { RecordAssembler } from './record-assembler.js';
import { FragmentType, skipTrailer, TYPE_OFFSET } from './record-log-format.js';

/** Bytes that are not part of a whole record: where they begin and what is wrong there. */
export interface Damage {
  offset: number;
  reason: string;
}

/** The content of a `.log` or `MANIFEST` file, read up to its first damage. */
export type RecordLog = {
  /** The records before the damage, oldest first; views on the file's bytes where possible. */
  records: Uint8Array[];
  /** Offset behind the last of `records`. */
  wholeEnd: number;
} & Tail;

/**
 * How a record log ends:
 * - `clean`: the file is records from its beginning to its end.
 * - `torn`: the damage is the file's end; no whole record comes after it. A crash leaves this,
 *   and cutting the file at `wholeEnd` loses nothing that could be read.
 * - `corrupt`: whole records come after the damage. Cutting would lose them.
 */
export type Tail = { tail: 'clean' } | { tail: 'torn' | 'corrupt'; damage: Damage };

/**
 * Reads a record log and judges its end.
 *
 * LevelDB reads past a cut-off or zeroed end in silence and, as Chromium lets it reuse logs,
 * appends behind it; the next reader then finds a record that does not match, or skips the rest
 * of a zeroed block. So both are `torn` here: they have to be cut before anybody appends.
 */
export function readRecordLog(bytes: Uint8Array): RecordLog {
  const records: Uint8Array[] = [];
  let wholeEnd = 0;
  const scan = scanRecords(bytes);
  let next = scan.next();
  for (; !next.done; next = scan.next()) {
    const { record, end, damage } = next.value;
    if (damage) return { records, wholeEnd, tail: 'corrupt', damage };
    records.push(record);
    wholeEnd = end;
  }
  const damage = next.value;
  return damage
    ? { records, wholeEnd, tail: 'torn', damage }
    : { records, wholeEnd, tail: 'clean' };
}

export interface ScannedRecord {
  record: Uint8Array;
  /** Offset behind the record. */
  end: number;
  /** What lies between the record before (or the beginning) and this one, if that is damage. */
  damage: Damage | undefined;
}

/**
 * Finds every whole record of a record log, also behind damage; returns the damage at the end.
 *
 * After damage LevelDB would go on at the next block. Here every offset is tried: the damage may
 * be in the length that would say where the next record begins, or in a block to which records
 * were appended later. Bytes inside a payload that look like a record log are found as well, if
 * the record they belong to is damaged.
 */
export function* scanRecords(bytes: Uint8Array): Generator<ScannedRecord, Damage | undefined> {
  const assembler = new RecordAssembler();
  let damage: Damage | undefined;
  for (let at = skipTrailer(0); at < bytes.length; ) {
    const fragment = damage && !mayBeFragment(bytes, at) ? 'no record' : readFragment(bytes, at);
    if (typeof fragment === 'string') {
      damage ??= { offset: at, reason: fragment };
      assembler.reset();
      at = skipTrailer(at + 1);
      continue;
    }
    let record = assembler.add(fragment);
    if (typeof record === 'string') {
      damage ??= { offset: at, reason: record };
      // Whole, but not what the one before it asks for: it may begin a record of its own.
      assembler.reset();
      record = assembler.add(fragment);
    }
    if (record instanceof Uint8Array) {
      yield { record, end: fragment.end, damage };
      damage = undefined;
    }
    at = skipTrailer(fragment.end);
  }
  if (assembler.unfinished) {
    damage ??= { offset: bytes.length, reason: 'the last record has no end' };
  }
  return damage;
}

/** A cheap look at the type alone, since trying every offset reads a header at each. */
function mayBeFragment(bytes: Uint8Array, offset: number): boolean {
  const type = bytes[offset + TYPE_OFFSET];
  return type !== undefined && type >= FragmentType.FULL && type <= FragmentType.LAST;
}
