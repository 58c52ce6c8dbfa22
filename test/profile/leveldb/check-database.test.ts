import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../../src/profile/leveldb/check-database.js';
import { readRecordLog } from '../../../src/profile/leveldb/record-log.js';
import { encodeRecord } from '../../../src/profile/leveldb/record-log-writer.js';
import { trimDatabase } from '../../../src/profile/leveldb/trim-database.js';
import {
  databaseFiles,
  recordLog,
  table,
  versionEdit,
  writeBatches,
  writeDatabase,
} from '../support/leveldb-writer.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MANIFEST = 'MANIFEST-000001';
const files = databaseFiles();
const log = files['000006.log'];
const manifest = files[MANIFEST];

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder();
});

describe('checkDatabase', () => {
  it.each<[string, Record<string, Buffer | string | undefined>]>([
    ['a whole one', {}],
    [
      'a table with the name that old versions gave it',
      { '000005.ldb': undefined, '000005.sst': table(300) },
    ],
    [
      'a log that the tables have already taken in, even if it is damaged',
      { '000004.log': 'damaged' },
    ],
    ['a log newer than the manifest knows', { '000008.log': recordLog(writeBatches(111, 3)) }],
    ['an empty newest log', { '000008.log': '' }],
    [
      'a table and a temporary file that belong to nothing',
      { '000020.ldb': 'half', '000021.dbtmp': '' },
    ],
  ])('is content with %s', async (_, changed) => {
    await writeDatabase(dir, changed);
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
  });

  it('is content with a folder without anything', async () => {
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
  });

  it('is content with a database that was just created', async () => {
    const created = versionEdit({
      comparator: 'c',
      logNumber: 0,
      nextFileNumber: 2,
      lastSequence: 0,
    });
    await writeFile(join(dir, MANIFEST), recordLog([created]));
    await writeFile(join(dir, 'LOCK'), '');
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
    await writeFile(join(dir, 'CURRENT'), `${MANIFEST}\n`);
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
    await writeFile(join(dir, '000003.log'), recordLog(writeBatches(1, 2)));
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
  });

  it('is content when the named log was lost long ago and a newer one goes on where the tables end', async () => {
    await writeDatabase(dir, {
      '000006.log': undefined,
      '000009.log': recordLog(writeBatches(101, 3)),
    });
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
  });

  it.each<[string, Record<string, Buffer | string | undefined>, RegExp]>([
    ['CURRENT is missing', { CURRENT: undefined }, /CURRENT is missing beside 000005.ldb/],
    ['CURRENT is empty', { CURRENT: '' }, /CURRENT does not name a manifest/],
    ['CURRENT lacks its end of line', { CURRENT: MANIFEST }, /CURRENT does not name a manifest/],
    [
      'CURRENT names something else',
      { CURRENT: '../../etc/passwd\n' },
      /CURRENT does not name a manifest/,
    ],
    ['the manifest is missing', { [MANIFEST]: undefined }, /MANIFEST-000001, which is missing/],
    [
      'the manifest has lost its beginning',
      {
        [MANIFEST]: recordLog([
          versionEdit({ logNumber: 6, nextFileNumber: 9, lastSequence: 100 }),
        ]),
      },
      /MANIFEST-000001 cannot be read: it names no order of keys/,
    ],
    ['the manifest is empty', { [MANIFEST]: '' }, /MANIFEST-000001 cannot be read/],
    [
      'the manifest is corrupt',
      { [MANIFEST]: flipped(manifest, 30) },
      /MANIFEST-000001 is corrupt at byte 23/,
    ],
    ['a live table is missing', { '000007.ldb': undefined }, /table 000007.ldb is missing/],
    [
      'a live table is too short',
      { '000007.ldb': table(199) },
      /000007.ldb is 199 bytes long, the manifest says 200/,
    ],
    [
      'a live table does not end as one',
      { '000007.ldb': Buffer.alloc(200) },
      /000007.ldb does not end as a table/,
    ],
    ['the named log is missing', { '000006.log': undefined }, /log 000006.log is missing/],
    [
      'the named log is missing and a newer one begins later',
      { '000006.log': undefined, '000008.log': recordLog(writeBatches(111, 3)) },
      /log 000006.log is missing/,
    ],
    ['the log is corrupt', { '000006.log': flipped(log, 50) }, /000006.log is corrupt at byte/],
    [
      'the manifest is as it was before any table, beside tables',
      {
        [MANIFEST]: recordLog([
          versionEdit({ comparator: 'c', logNumber: 0, nextFileNumber: 2, lastSequence: 0 }),
        ]),
        '000006.log': '',
      },
      /the manifest knows nothing of 000005.ldb/,
    ],
    [
      'a log is torn and a newer one does not go on from its end',
      { '000006.log': log.subarray(0, -1), '000008.log': recordLog(writeBatches(111, 3)) },
      /000006.log is corrupt at byte 306/,
    ],
    [
      'a record of the log is too short',
      { '000006.log': recordLog([Buffer.from('short')]) },
      /not a batch of writes/,
    ],
    [
      'a table that only a torn edit deleted is missing',
      {
        [MANIFEST]: recordLog([
          versionEdit({
            comparator: 'idb_cmp1',
            logNumber: 6,
            nextFileNumber: 9,
            lastSequence: 100,
            newTables: [[0, 5, 300]],
          }),
          versionEdit({ logNumber: 6, deletedTables: [[0, 5]] }),
        ]).subarray(0, -1),
        '000005.ldb': undefined,
      },
      /table 000005.ldb is missing/,
    ],
  ])('finds damage when %s', async (_, changed, reason) => {
    await writeDatabase(dir, changed);
    const check = await checkDatabase(dir);
    expect(check).toMatchObject({ state: 'damaged', reason: expect.stringMatching(reason) });
  });

  it('names the torn files and where their last whole record ends', async () => {
    const wholeLog = recordLog(writeBatches(101, 9)).length;
    await writeDatabase(dir, {
      [MANIFEST]: Buffer.concat([manifest, Buffer.from('half an edit')]),
      '000006.log': log.subarray(0, -5),
    });
    expect(await checkDatabase(dir)).toEqual({
      state: 'torn',
      torn: [
        {
          file: join(dir, MANIFEST),
          wholeEnd: manifest.length,
          size: manifest.length + 12,
          appended: false,
        },
        {
          file: join(dir, '000006.log'),
          wholeEnd: wholeLog,
          size: log.length - 5,
          appended: false,
        },
      ],
    });
  });

  it('changes nothing', async () => {
    await writeDatabase(dir, { '000006.log': log.subarray(0, -5) });
    const before = await contents(dir);
    await checkDatabase(dir);
    expect(await contents(dir)).toEqual(before);
  });
});

describe('trimDatabase', () => {
  it('cuts torn ends so that the database is whole, and touches nothing else', async () => {
    await writeDatabase(dir, {
      [MANIFEST]: Buffer.concat([manifest, Buffer.alloc(100)]),
      '000006.log': log.subarray(0, -5),
    });
    const cut = await trimDatabase(dir);
    const tenth = log.length - recordLog(writeBatches(101, 9)).length;
    expect(cut).toEqual([
      { file: join(dir, MANIFEST), cutBytes: 100 },
      { file: join(dir, '000006.log'), cutBytes: tenth - 5 },
    ]);
    expect(await contents(dir)).toEqual({
      ...files,
      LOCK: Buffer.alloc(0),
      CURRENT: Buffer.from(files.CURRENT),
      '000006.log': recordLog(writeBatches(101, 9)),
    });
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
    expect(await trimDatabase(dir)).toEqual([]);
  });

  it.each([
    ['half a record', log.subarray(0, -5)],
    ['zeros', Buffer.concat([recordLog(writeBatches(101, 9)), Buffer.alloc(40_000)])],
    ['garbage', Buffer.concat([recordLog(writeBatches(101, 9)), Buffer.from('not a record')])],
  ])(
    'takes %s out of the middle when the writes go on behind it without a gap',
    async (_, torn) => {
      await writeDatabase(dir, { '000006.log': appended(torn, writeBatches(110, 30)) });
      expect(await checkDatabase(dir)).toMatchObject({ state: 'torn', torn: [{ appended: true }] });

      const [trimmed] = await trimDatabase(dir);
      const mended = await readFile(join(dir, '000006.log'));
      expect(readRecordLog(mended)).toMatchObject({
        tail: 'clean',
        records: [...writeBatches(101, 9), ...writeBatches(110, 30)],
      });
      expect(trimmed?.cutBytes).toBe(torn.length - recordLog(writeBatches(101, 9)).length);
      expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
      expect(await readdir(dir)).toHaveLength(Object.keys(files).length);
    },
  );

  it('takes half a record out that is followed by another one at the end', async () => {
    const twice = appended(log.subarray(0, -5), writeBatches(110, 3)).subarray(0, -4);
    await writeDatabase(dir, { '000006.log': twice });
    await trimDatabase(dir);
    const { records } = readRecordLog(await readFile(join(dir, '000006.log')));
    expect(records).toEqual([...writeBatches(101, 9), ...writeBatches(110, 2)]);
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
  });

  it('cuts the torn end of an older log when a newer one goes on from there', async () => {
    await writeDatabase(dir, {
      '000006.log': log.subarray(0, -5),
      '000008.log': recordLog(writeBatches(110, 3)),
    });
    expect(await trimDatabase(dir)).toHaveLength(1);
    expect(await readFile(join(dir, '000006.log'))).toEqual(recordLog(writeBatches(101, 9)));
  });

  it.each([
    ['a record that was whole is missing', appended(log.subarray(0, -5), writeBatches(111, 3))],
    [
      'numbers come twice',
      appended(log.subarray(0, -5), [...writeBatches(110, 1), ...writeBatches(110, 2)]),
    ],
    ['nothing comes before the damage', appended(Buffer.alloc(20), writeBatches(101, 3))],
  ])('finds damage and changes nothing when %s', async (_, bytes) => {
    await writeDatabase(dir, { '000006.log': bytes });
    expect(await checkDatabase(dir)).toMatchObject({ state: 'damaged' });
    expect(await trimDatabase(dir)).toEqual([]);
    expect(await readFile(join(dir, '000006.log'))).toEqual(bytes);
  });

  it('never takes a changed byte in a record that others follow for a torn end', async () => {
    const end = recordLog(writeBatches(101, 9)).length;
    for (let at = 0; at < end; at++) {
      await writeDatabase(dir, { '000006.log': flipped(log, at) });
      expect(await checkDatabase(dir)).toMatchObject({ state: 'damaged' });
    }
  });

  it('leaves a database alone that is damaged elsewhere', async () => {
    await writeDatabase(dir, { '000006.log': log.subarray(0, -5), '000005.ldb': undefined });
    const before = await contents(dir);
    expect(await trimDatabase(dir)).toEqual([]);
    expect(await contents(dir)).toEqual(before);
  });
});

/** A log that LevelDB went on with as it was. */
function appended(bytes: Buffer, records: Buffer[]): Buffer {
  return records.reduce<Buffer>(
    (grown, record) => Buffer.concat([grown, encodeRecord(record, grown.length)]),
    bytes,
  );
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

async function contents(folder: string): Promise<Record<string, Buffer>> {
  const names = await readdir(folder);
  const read = names.map(async (name) => [name, await readFile(join(folder, name))] as const);
  return Object.fromEntries(await Promise.all(read));
}
