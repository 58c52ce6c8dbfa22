import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelDBFormatError } from '../../../src/profile/leveldb/byte-reader.js';
import { readRecordLog } from '../../../src/profile/leveldb/record-log.js';
import { replayVersionEdits } from '../../../src/profile/leveldb/version.js';
import { decodeVersionEdit } from '../../../src/profile/leveldb/version-edit.js';
import { databaseFiles, recordLog, versionEdit, writeBatches } from '../support/leveldb-writer.js';

/** What is done to a file: a byte set, a piece removed, a piece written once more, the end cut. */
interface Mutation {
  kind: 'set' | 'remove' | 'repeat' | 'cut';
  at: number;
  length: number;
  value: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('set', 'remove', 'repeat', 'cut'),
  at: fc.nat(),
  length: fc.nat(40),
  value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 4, 0x7f, 0x80, 0xff)),
});
const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });

const logs = [
  recordLog(writeBatches(1, 30)),
  databaseFiles()['MANIFEST-000001'],
  recordLog([Buffer.alloc(0), Buffer.alloc(700, 1), Buffer.alloc(0), Buffer.alloc(20, 2)]),
];
/** Slower to read, so tried less often. */
const longLog = recordLog([
  Buffer.alloc(32_700, 2),
  ...writeBatches(1, 8),
  Buffer.alloc(33_000, 4),
]);

describe('damaged input', () => {
  it('never makes the record log reader fail, whatever was done to the file', () => {
    const file = fc.oneof(
      { weight: 150, arbitrary: fc.constantFrom(...logs) },
      fc.constant(longLog),
    );
    fc.assert(
      fc.property(file, mutations, (original, changes) => {
        const bytes = mutate(original, changes);
        const { records, wholeEnd, tail } = readRecordLog(bytes);
        const held = records.reduce((sum, record) => sum + record.length, 0);
        expect(wholeEnd).toBeLessThanOrEqual(bytes.length);
        expect(held).toBeLessThanOrEqual(wholeEnd);
        // What trimming would leave is whole, and all of it.
        const trimmed = readRecordLog(bytes.subarray(0, wholeEnd));
        expect(trimmed).toMatchObject({ tail: 'clean', wholeEnd });
        expect(trimmed.records).toHaveLength(records.length);
        if (tail === 'clean') expect(bytes.length - wholeEnd).toBeLessThan(7);
      }),
      { numRuns: 20_000 },
    );
  });

  it('makes the version edit reader fail only with its own error', () => {
    const edit = versionEdit({
      comparator: 'idb_cmp1',
      logNumber: 300,
      previousLogNumber: 0,
      nextFileNumber: 70_000,
      lastSequence: 2 ** 40,
      deletedTables: [
        [0, 5],
        [1, 300],
      ],
      newTables: [
        [2, 70_001, 2 ** 21],
        [0, 9, 100],
      ],
    });
    let read = 0;
    fc.assert(
      fc.property(mutations, (changes) => {
        const bytes = mutate(edit, changes);
        try {
          const { newTables, deletedTables } = decodeVersionEdit(bytes);
          expect(newTables.length + deletedTables.length).toBeLessThanOrEqual(bytes.length);
          replayVersionEdits([bytes]);
          read += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(LevelDBFormatError);
        }
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it('takes a time in proportion to its size, even when made to be slow', () => {
    // Every seventh offset looks like the header of a fragment of 16 KiB.
    const slow = Buffer.alloc(1024 * 1024).map((_, at) =>
      at % 7 === 6 ? 1 : at % 7 === 5 ? 0x40 : 0xff,
    );
    const began = performance.now();
    expect(readRecordLog(slow)).toMatchObject({ tail: 'torn', wholeEnd: 0 });
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

function mutate(original: Buffer, changes: Mutation[]): Buffer {
  let bytes = Buffer.from(original);
  for (const { kind, at, length, value } of changes) {
    if (bytes.length === 0) break;
    const start = at % bytes.length;
    const end = Math.min(start + length, bytes.length);
    if (kind === 'set') bytes[start] = value;
    else if (kind === 'cut') bytes = bytes.subarray(0, start);
    else if (kind === 'remove')
      bytes = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    else bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  }
  return bytes;
}
