import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelDBFormatError } from '../../../src/profile/leveldb/byte-reader.js';
import { replayVersionEdits } from '../../../src/profile/leveldb/version.js';
import { decodeVersionEdit } from '../../../src/profile/leveldb/version-edit.js';
import { type EditFields, versionEdit } from '../support/leveldb-writer.js';

const complete = { comparator: 'idb_cmp1', logNumber: 3, nextFileNumber: 9, lastSequence: 40 };

describe('decodeVersionEdit', () => {
  it('gives back every edit that was written', () => {
    const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const level = fc.nat(6);
    const fields: fc.Arbitrary<EditFields> = fc.record(
      {
        comparator: fc.string(),
        logNumber: number,
        previousLogNumber: number,
        nextFileNumber: number,
        lastSequence: number,
        deletedTables: fc.array(fc.tuple(level, number), { maxLength: 5 }),
        newTables: fc.array(fc.tuple(level, number, number), { maxLength: 5 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, (edit) => {
        const { deletedTables = [], newTables = [], ...numbers } = edit;
        expect(decodeVersionEdit(versionEdit(edit))).toEqual({
          ...numbers,
          deletedTables: deletedTables.map(([at, n]) => ({ level: at, number: n })),
          newTables: newTables.map(([at, n, size]) => ({ level: at, number: n, size })),
        });
      }),
    );
  });

  it('reads the first record that Chromium writes for IndexedDB', () => {
    const record = Buffer.from('01086964625f636d70310200030204 00'.replaceAll(' ', ''), 'hex');
    expect(decodeVersionEdit(record)).toMatchObject({
      comparator: 'idb_cmp1',
      logNumber: 0,
      nextFileNumber: 2,
      lastSequence: 0,
    });
  });

  it('passes over compaction pointers', () => {
    const pointer = Buffer.from([5, 1, 3, 97, 98, 99]);
    const edit = Buffer.concat([pointer, versionEdit({ logNumber: 8 })]);
    expect(decodeVersionEdit(edit).logNumber).toBe(8);
  });

  it.each([
    ['an unknown tag', [8], /unknown tag 8/],
    ['a number cut off', [2, 0x80], /log number is cut off/],
    ['a name longer than the record', [1, 200, 1, 97], /comparator is cut off/],
    ['a level that does not exist', [6, 7, 1], /level 7/],
    ['a number beyond 53 bits', [4, ...Array(7).fill(0xff), 0x7f], /out of range/],
    ['a number that never ends', [4, ...Array(12).fill(0x80), 0], /longer than 64 bits/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeVersionEdit(Buffer.from(bytes))).toThrow(LevelDBFormatError);
    expect(() => decodeVersionEdit(Buffer.from(bytes))).toThrow(message);
  });
});

describe('replayVersionEdits', () => {
  it('ends with the tables that were added and not deleted, and the last numbers', () => {
    const version = replayVersionEdits([
      versionEdit({
        ...complete,
        newTables: [
          [0, 5, 100],
          [0, 6, 200],
        ],
      }),
      versionEdit({ logNumber: 7, deletedTables: [[0, 5]], newTables: [[1, 8, 300]] }),
    ]);
    expect(version).toEqual({
      ...complete,
      logNumber: 7,
      previousLogNumber: 0,
      tables: new Map([
        [6, { level: 0, size: 200 }],
        [8, { level: 1, size: 300 }],
      ]),
    });
  });

  it('keeps a table that an edit moves to another level', () => {
    const version = replayVersionEdits([
      versionEdit({ ...complete, newTables: [[0, 5, 100]] }),
      versionEdit({ deletedTables: [[0, 5]], newTables: [[1, 5, 100]] }),
    ]);
    expect(version.tables).toEqual(new Map([[5, { level: 1, size: 100 }]]));
  });

  it.each(['comparator', 'logNumber', 'nextFileNumber', 'lastSequence'] as const)(
    'refuses edits without %s',
    (missing) => {
      const { [missing]: _, ...rest } = complete;
      expect(() => replayVersionEdits([versionEdit(rest)])).toThrow(LevelDBFormatError);
    },
  );
});
