import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecordLog } from '../../../src/profile/leveldb/record-log.js';
import { encodeRecord } from '../../../src/profile/leveldb/record-log-writer.js';
import { recordLog } from '../support/leveldb-writer.js';

const BLOCK = 32 * 1024;

/** Sizes around a block's boundaries, where fragments begin and end, and small ones. */
const recordSize = fc.oneof(
  { weight: 4, arbitrary: fc.nat(60) },
  { weight: 2, arbitrary: fc.integer({ min: BLOCK - 30, max: BLOCK + 10 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 * BLOCK - 30, max: 2 * BLOCK + 10 }) },
);
const records = fc
  .array(fc.tuple(recordSize, fc.nat(255)), { maxLength: 8 })
  .map((list) => list.map(([size, seed]) => content(size, seed)));

describe('a record log', () => {
  it('gives back every sequence of records that was written', () => {
    fc.assert(
      fc.property(records, (list) => {
        const log = recordLog(list);
        const read = readRecordLog(log);
        expect(read.tail).toBe('clean');
        expect(read.wholeEnd).toBe(log.length);
        expectSame(read.records, list);
      }),
      { numRuns: 300 },
    );
  });

  it('cut at any byte holds exactly the records before the cut and is never corrupt', () => {
    fc.assert(
      fc.property(records, fc.double({ min: 0, max: 1, noNaN: true }), (list, part) => {
        const log = recordLog(list);
        expectCutHolds(list, log, Math.floor(part * log.length));
      }),
      { numRuns: 300 },
    );
  });

  it('behaves so at every cut near the boundaries of its records and blocks', () => {
    const list = [20, BLOCK - 40, 0, 30, BLOCK, 3, 50].map((size) => content(size, size % 251));
    const log = recordLog(list);
    const ends = recordEnds(list);
    const boundaries = [0, ...ends, BLOCK, 2 * BLOCK];
    for (const boundary of boundaries) {
      for (let cut = boundary - 10; cut <= boundary + 10; cut++) {
        if (cut >= 0 && cut <= log.length) expectCutHolds(list, log, cut);
      }
    }
  });

  it('with a changed byte before whole records is corrupt there, wherever the byte is', () => {
    const meaningful = fc
      .tuple(records, fc.nat(), fc.integer({ min: 1, max: 255 }))
      .filter(([list]) => list.length >= 2);
    fc.assert(
      fc.property(meaningful, ([list, position, change]) => {
        const log = recordLog(list);
        const end = recordLog(list.slice(0, -1)).length;
        const at = position % end;
        if (isTrailer(list, at)) return;
        log[at] = (log[at] as number) ^ change;
        const read = readRecordLog(log);
        expect(read.tail).toBe('corrupt');
        expect(read.wholeEnd).toBeLessThanOrEqual(at);
        expectSame(read.records, list.slice(0, read.records.length));
      }),
      { numRuns: 500 },
    );
  });

  it('with a changed byte in its last record is torn there', () => {
    const list = [content(40, 1), content(50, 2)];
    const last = recordLog(list.slice(0, 1)).length;
    for (let at = last; at < recordLog(list).length; at++) {
      const log = recordLog(list);
      log[at] = (log[at] as number) ^ 0x10;
      expect(readRecordLog(log)).toMatchObject({ tail: 'torn', wholeEnd: last });
    }
  });

  it.each([
    ['a few zeros', Buffer.alloc(5)],
    ['a block of zeros', Buffer.alloc(BLOCK)],
    ['zeros over several blocks', Buffer.alloc(3 * BLOCK + 11)],
    ['garbage', Buffer.from('no record of any log, but quite a few bytes nevertheless')],
    ['garbage over several blocks', content(3 * BLOCK, 7)],
    ['the first fragment of a record', recordLog([content(2 * BLOCK, 3)]).subarray(0, BLOCK)],
  ])('that ends in %s is torn where that begins', (_, tail) => {
    const whole = recordLog([content(100, 1), content(200, 2)]);
    const read = readRecordLog(Buffer.concat([whole, tail]));
    expect(read).toMatchObject({ tail: 'torn', wholeEnd: whole.length });
    expect(read.records).toHaveLength(2);
  });

  it.each([
    ['half a record', recordLog([content(300, 4)]).subarray(0, 120)],
    ['zeros', Buffer.alloc(500)],
    ['zeros up to the end of the block', Buffer.alloc(BLOCK)],
    ['garbage', content(500, 9)],
  ])('to which records were appended behind %s is corrupt', (_, damage) => {
    let log = Buffer.concat([recordLog([content(100, 1)]), damage]);
    for (let n = 0; n < 3; n++)
      log = Buffer.concat([log, encodeRecord(content(80, n), log.length)]);
    const read = readRecordLog(log);
    expect(read.tail).toBe('corrupt');
    expect(read.records).toHaveLength(1);
  });

  it('is whole when a first fragment without payload was given up', () => {
    const filler = content(BLOCK - 14, 1);
    const log = recordLog([filler]);
    const emptyFirst = encodeRecord(content(10, 2), log.length).subarray(0, 7);
    const next = encodeRecord(content(20, 3), BLOCK);
    const read = readRecordLog(Buffer.concat([log, emptyFirst, next]));
    expect(read.tail).toBe('clean');
    expectSame(read.records, [filler, content(20, 3)]);
  });

  it('can be appended to after it was cut at the end of its last whole record', () => {
    fc.assert(
      fc.property(records, fc.nat(), content40(), (list, position, added) => {
        const log = recordLog(list);
        const torn = log.subarray(0, position % (log.length + 1));
        const { records: kept, wholeEnd } = readRecordLog(torn);
        const trimmed = torn.subarray(0, wholeEnd);
        const read = readRecordLog(Buffer.concat([trimmed, encodeRecord(added, wholeEnd)]));
        expect(read.tail).toBe('clean');
        expectSame(read.records, [...kept, added]);
      }),
      { numRuns: 200 },
    );
  });
});

function content40() {
  return fc.nat(255).map((seed) => content(40, seed));
}

/** Bytes without a pattern that a reader might take for a record. */
function content(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function expectCutHolds(list: Uint8Array[], log: Buffer, cut: number): void {
  const ends = recordEnds(list);
  const whole = ends.filter((end) => end <= cut).length;
  const read = readRecordLog(log.subarray(0, cut));
  expect(read.tail).not.toBe('corrupt');
  expect(read.wholeEnd).toBe(ends[whole - 1] ?? 0);
  expectSame(read.records, list.slice(0, whole));
  // Between two records there may be a trailer, which is nothing.
  if (cut === read.wholeEnd) expect(read.tail).toBe('clean');
  else if (!isTrailer(list, cut - 1)) expect(read.tail).toBe('torn');
}

/** Offset behind each record. */
function recordEnds(list: Uint8Array[]): number[] {
  let end = 0;
  return list.map((record) => (end += encodeRecord(record, end).length));
}

/** Whether the byte at `at` is in the unused end of a block. */
function isTrailer(list: Uint8Array[], at: number): boolean {
  const blockEnd = at - (at % BLOCK) + BLOCK;
  const lastEnd = recordEnds(list).findLast((end) => end <= at);
  return lastEnd !== undefined && lastEnd > blockEnd - 7 && at >= lastEnd && at < blockEnd;
}

function expectSame(actual: Uint8Array[], expected: Uint8Array[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [index, record] of actual.entries()) {
    expect(Buffer.compare(record, expected[index] as Uint8Array)).toBe(0);
  }
}
