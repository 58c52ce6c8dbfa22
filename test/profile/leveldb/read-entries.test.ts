import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { LevelDBFormatError } from '../../../src/profile/leveldb/byte-reader.js';
import { checkDatabase } from '../../../src/profile/leveldb/check-database.js';
import { readEntries } from '../../../src/profile/leveldb/read-entries.js';
import { encodeWriteBatch, type Write } from '../../../src/profile/leveldb/write-batch.js';
import { recordLog, versionEdit } from '../support/leveldb-writer.js';
import { type TableEntry, type TableOptions, tableOf } from '../support/table-writer.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const BYTEWISE = 'leveldb.BytewiseComparator';

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder();
});

describe('readEntries', () => {
  it('puts tables and logs together: the last write to a key counts, and removals', async () => {
    await writeDatabase({
      tables: {
        5: tableOf([
          ['a', 1, 'old'],
          ['b', 2, 'kept'],
          ['c', 3, 'removed in a table'],
          ['d', 4, 'removed in a log'],
        ]),
        7: tableOf([
          ['a', 9, 'newer'],
          ['a', 6, 'older, in the same table'],
          ['c', 8, null],
          ['e', 5, 'put again'],
        ]),
      },
      lastSequence: 9,
      logs: {
        8: [
          [10, [put('a', 'newest'), remove('d'), remove('e')]],
          [13, [put('e', 'back')]],
        ],
      },
    });
    expect(await entries()).toEqual({ a: 'newest', b: 'kept', e: 'back' });
  });

  it('gives only the keys with a prefix, and none of those that only begin alike', async () => {
    await writeDatabase({
      tables: {
        5: tableOf([
          ['_a\0one', 1, '1'],
          ['_ab\0two', 2, '2'],
        ]),
      },
      lastSequence: 2,
      logs: { 6: [[3, [put('_a\0three', '3'), put('_', '4')]]] },
    });
    expect(await entries('_a\0')).toEqual({ '_a\0one': '1', '_a\0three': '3' });
  });

  it('reads keys and values of any bytes, in the order of the bytes', async () => {
    const key = String.fromCharCode(0xff, 0, 0x80);
    await writeDatabase({ logs: { 3: [[1, [put(key, '\xfe'), put('', ''), put('z', '1')]]] } });
    expect([...(await readEntries(dir)).keys()]).toEqual(['', 'z', key]);
    expect((await readEntries(dir)).get(key)).toEqual(Buffer.from([0xc3, 0xbe]));
  });

  it.each<[string, TableOptions]>([
    ['as it is', {}],
    ['compressed', { isCompressed: true }],
    ['in one block', { entriesPerBlock: 10_000 }],
    ['with an entry a block', { entriesPerBlock: 1, isCompressed: true }],
    ['with a filter', { filter: Buffer.alloc(500, 7) }],
  ])('reads a table %s', async (_, options) => {
    const many = Array.from({ length: 3000 }, (_, n): TableEntry => {
      return [`entry ${String(n).padStart(6, '0')}`, n + 1, `value of ${n}`.repeat(n % 20)];
    });
    await writeDatabase({ tables: { 5: tableOf(many, options) }, lastSequence: 3000 });
    expect(await checkDatabase(dir, { deep: true })).toEqual({ state: 'ok' });
    expect(await entries()).toEqual(Object.fromEntries(many.map(([key, , value]) => [key, value])));
  });

  it('finds nothing where there is no database, or an empty one', async () => {
    expect(await readEntries(dir)).toEqual(new Map());
    await writeDatabase({});
    expect(await readEntries(dir)).toEqual(new Map());
  });

  it('refuses another order of keys, and a damaged database', async () => {
    await writeDatabase({ comparator: 'idb_cmp1' });
    await expect(readEntries(dir)).rejects.toThrow('its keys are ordered by idb_cmp1');
    const table = tableOf([['a', 1, 'value']]);
    table[10] = (table[10] as number) ^ 4;
    await writeDatabase({ tables: { 5: table }, lastSequence: 1 });
    await expect(readEntries(dir)).rejects.toThrow(LevelDBFormatError);
  });
});

interface TestDatabase {
  comparator?: string;
  lastSequence?: number;
  tables?: Record<number, Buffer>;
  logs?: Record<number, [sequence: number, writes: Write[]][]>;
}

async function writeDatabase(database: TestDatabase): Promise<void> {
  const { comparator = BYTEWISE, tables = {}, logs = {}, lastSequence = 0 } = database;
  const isUsed = Object.keys(tables).length > 0;
  const allLogs = isUsed && Object.keys(logs).length === 0 ? { 6: [] } : logs;
  const [logNumber] = Object.keys(allLogs).map(Number);
  const edit = versionEdit({
    comparator,
    logNumber: isUsed ? (logNumber ?? 0) : 0,
    nextFileNumber: 20,
    lastSequence,
    newTables: Object.entries(tables).map(([number, bytes]) => [0, Number(number), bytes.length]),
  });
  await writeFile(join(dir, 'MANIFEST-000001'), recordLog([edit]));
  await writeFile(join(dir, 'CURRENT'), 'MANIFEST-000001\n');
  for (const [number, bytes] of Object.entries(tables)) {
    await writeFile(join(dir, `${number.padStart(6, '0')}.ldb`), bytes);
  }
  for (const [number, batches] of Object.entries(allLogs)) {
    const records = batches.map(([sequence, writes]) => encodeWriteBatch(sequence, writes));
    await writeFile(join(dir, `${number.padStart(6, '0')}.log`), recordLog(records));
  }
}

async function entries(prefix = ''): Promise<Record<string, string>> {
  const found = await readEntries(dir, Buffer.from(prefix));
  return Object.fromEntries([...found].map(([key, value]) => [key, Buffer.from(value).toString()]));
}

function put(key: string, value: string): Write {
  return { key: Buffer.from(key, 'latin1'), value: Buffer.from(value) };
}

function remove(key: string): Write {
  return { key: Buffer.from(key, 'latin1'), value: null };
}
