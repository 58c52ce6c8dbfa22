import { readFragment } from './fragment.js';
import { RecordAssembler } from './record-assembler.js';
import { FragmentType, skipTrailer, TYPE_OFFSET } from './record-log-format.js';

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
export type Tail =
  | { tail: 'clean' }
  | { tail: 'torn' | 'corrupt'; damage: { offset: number; reason: string } };

/**
 * Reads a record log and judges its end.
 *
 * LevelDB reads past a cut-off or zeroed end in silence and, as Chromium lets it reuse logs,
 * appends behind it; the next reader then finds a record that does not match, or skips the rest
 * of a zeroed block. So both are `torn` here: they have to be cut before anybody appends.
 */
export function readRecordLog(bytes: Uint8Array): RecordLog {
  const records: Uint8Array[] = [];
  const assembler = new RecordAssembler();
  let wholeEnd = 0;

  const damagedAt = (offset: number, reason: string): RecordLog => ({
    records,
    wholeEnd,
    tail: wholeRecordFollows(bytes, offset) ? 'corrupt' : 'torn',
    damage: { offset, reason },
  });

  for (let at = skipTrailer(0); at < bytes.length; ) {
    const fragment = readFragment(bytes, at);
    if (typeof fragment === 'string') return damagedAt(at, fragment);
    const record = assembler.add(fragment);
    if (typeof record === 'string') return damagedAt(at, record);
    if (record !== undefined) {
      records.push(record);
      wholeEnd = fragment.end;
    }
    at = skipTrailer(fragment.end);
  }
  if (assembler.unfinished) return damagedAt(bytes.length, 'the last record has no end');
  return { records, wholeEnd, tail: 'clean' };
}

/**
 * Whether a whole record lies anywhere from `damage` on.
 *
 * LevelDB would look at the beginnings of later blocks only. Here every offset is tried: the
 * damage may be in the length that would say where the next record begins, or in a block to which
 * records were appended later. Bytes inside a payload that look like a record log count as well,
 * which errs on the safe side: nothing is cut.
 */
function wholeRecordFollows(bytes: Uint8Array, damage: number): boolean {
  const assembler = new RecordAssembler();
  for (let at = damage; at < bytes.length; ) {
    const fragment = mayBeFragment(bytes, at) ? readFragment(bytes, at) : 'no fragment';
    if (typeof fragment === 'string') {
      assembler.reset();
      at = skipTrailer(at + 1);
      continue;
    }
    let record = assembler.add(fragment);
    if (typeof record === 'string') {
      // Whole, but not what the one before it asks for: it may begin a record of its own.
      assembler.reset();
      record = assembler.add(fragment);
    }
    if (record instanceof Uint8Array) return true;
    at = skipTrailer(fragment.end);
  }
  return false;
}

/** A cheap look at the type alone, since trying every offset reads a header at each. */
function mayBeFragment(bytes: Uint8Array, offset: number): boolean {
  const type = bytes[offset + TYPE_OFFSET];
  return type !== undefined && type >= FragmentType.FULL && type <= FragmentType.LAST;
}
