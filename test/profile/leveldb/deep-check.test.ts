import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../../src/profile/leveldb/check-database.js';
import { trimDatabase } from '../../../src/profile/leveldb/trim-database.js';
import { recordLog, versionEdit, writeBatches } from '../support/leveldb-writer.js';
import { type TableEntry, tableOf } from '../support/table-writer.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const entries = Array.from({ length: 60 }, (_, n): TableEntry => {
  return [`key ${String(n).padStart(3, '0')}`, n + 1, `value ${n}`.repeat(3)];
});
const table = tableOf(entries, { isCompressed: true, filter: Buffer.alloc(90, 5) });
const log = recordLog(writeBatches(61, 10));
const deep = { deep: true };

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder();
});

describe('checkDatabase, deep,', () => {
  it('is content with a whole database', async () => {
    await writeDatabase();
    expect(await checkDatabase(dir, deep)).toEqual({ state: 'ok' });
  });

  it('finds a changed bit anywhere in a table but its padding; the quick check does not', async () => {
    let missed = 0;
    for (let at = 0; at < table.length; at++) {
      await writeDatabase({ table: flipped(table, at) });
      const { state } = await checkDatabase(dir, deep);
      if (state === 'ok') {
        missed += 1;
        expect(at).toBeGreaterThanOrEqual(table.length - 48);
      }
    }
    expect(missed).toBeLessThan(40);
    await writeDatabase({ table: flipped(table, 100) });
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
  });

  it('says in which table, and where in it', async () => {
    await writeDatabase({ table: flipped(table, 3) });
    expect(await checkDatabase(dir, deep)).toEqual({
      state: 'damaged',
      reason:
        'table 000005.ldb is damaged in its block at byte 0: the checksum of a block does not match',
    });
  });

  it.each<[string, Buffer, RegExp]>([
    ['whose blocks lie behind its end', withFooter(table, [1, 1, 0xff, 0x7f, 1]), /behind its end/],
    ['that has nothing in place of its index', withFooter(table, [0, 1, 0, 0]), /at byte 0: /],
  ])('finds a table %s', async (_, bytes, reason) => {
    await writeDatabase({ table: bytes });
    const check = await checkDatabase(dir, deep);
    expect(check).toMatchObject({ state: 'damaged', reason: expect.stringMatching(reason) });
    expect(check).toMatchObject({ reason: expect.stringContaining('000005.ldb') });
  });

  it.each([
    ['in the middle', [...writeBatches(61, 4), ...writeBatches(66, 4)]],
    ['between the tables and the log', writeBatches(62, 4)],
  ])('finds that a write is missing %s, which the quick check lets pass', async (_, records) => {
    await writeDatabase({ log: recordLog(records) });
    expect(await checkDatabase(dir)).toEqual({ state: 'ok' });
    expect(await checkDatabase(dir, deep)).toMatchObject({
      state: 'damaged',
      reason: expect.stringMatching(/000006.log goes on with write \d+ where \d+ is due/),
    });
  });

  it('finds a batch of writes that cannot be read', async () => {
    const [batch] = writeBatches(61, 1) as [Buffer];
    batch[8] = 2;
    await writeDatabase({ log: recordLog([batch]) });
    expect(await checkDatabase(dir, deep)).toMatchObject({
      state: 'damaged',
      reason: '000006.log cannot be read: a batch holds 1 writes where it says 2',
    });
  });

  it('tells a torn end from damage as the quick check does', async () => {
    await writeDatabase({ log: log.subarray(0, -3) });
    expect(await checkDatabase(dir, deep)).toMatchObject({ state: 'torn' });
    await trimDatabase(dir);
    expect(await checkDatabase(dir, deep)).toEqual({ state: 'ok' });
  });

  it('lets other work go on while it reads a large table', async () => {
    const value = Buffer.alloc(3000, 'value of an entry ');
    const many = Array.from({ length: 4000 }, (_, n): TableEntry => {
      return [`key ${String(n).padStart(6, '0')}`, n + 1, value];
    });
    const large = tableOf(many, { entriesPerBlock: 2 });
    await writeDatabase({ table: large, log: recordLog([]), lastSequence: 4000 });
    let turns = 0;
    const turn = () => {
      turns += 1;
      timer = setImmediate(turn);
    };
    let timer = setImmediate(turn);
    expect(await checkDatabase(dir, deep)).toEqual({ state: 'ok' });
    clearImmediate(timer);
    // A turn for at most 256 KiB of it.
    expect(turns).toBeGreaterThan(large.length / (256 * 1024));
  });
});

async function writeDatabase(
  files: { table?: Buffer; log?: Buffer; lastSequence?: number } = {},
): Promise<void> {
  const bytes = files.table ?? table;
  const edit = versionEdit({
    comparator: 'idb_cmp1',
    logNumber: 6,
    nextFileNumber: 9,
    lastSequence: files.lastSequence ?? 60,
    newTables: [[0, 5, bytes.length]],
  });
  await writeFile(join(dir, 'CURRENT'), 'MANIFEST-000001\n');
  await writeFile(join(dir, 'MANIFEST-000001'), recordLog([edit]));
  await writeFile(join(dir, '000005.ldb'), bytes);
  await writeFile(join(dir, '000006.log'), files.log ?? log);
}

/** With another beginning of its footer: where the blocks that list its blocks lie. */
function withFooter(bytes: Buffer, handles: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(handles, copy.length - 48);
  return copy;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
