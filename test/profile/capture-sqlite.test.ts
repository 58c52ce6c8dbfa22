import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureSqlite } from '../../src/profile/capture/capture-sqlite.js';

const MAGIC = 'd9d505f920a163d7';

let folder: string;
let reads: string[];

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(tmpdir(), 'holdfast-sqlite-'));
  await fs.writeFile(path.join(folder, 'Cookies'), 'a database');
  reads = [];
});
afterEach(() => fs.rm(folder, { recursive: true }));

const counting = {
  ...fs,
  stat: ((file: string, options: { bigint: true }) => {
    reads.push(path.basename(file));
    return fs.stat(file, options);
  }) as typeof fs.stat,
};

async function captured(): Promise<string[] | undefined> {
  const files = await captureSqlite(counting, folder, 'Cookies', () => false);
  return files?.map((file) => file.path);
}

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['one kept for the next transaction', '00'.repeat(28)],
])('a database at rest is taken at the first try, with this journal: %s', async (_, journal) => {
  if (journal !== undefined) {
    await fs.writeFile(path.join(folder, 'Cookies-journal'), Buffer.from(journal, 'hex'));
  }
  expect(await captured()).toEqual(['Cookies']);
  expect(reads).toHaveLength(4);
});

test('the journal of a transaction that stays under way is taken too', async () => {
  const journal = Buffer.from(MAGIC + '00'.repeat(20), 'hex');
  await fs.writeFile(path.join(folder, 'Cookies-journal'), journal);
  expect(await captured()).toEqual(['Cookies', 'Cookies-journal']);
  expect(reads.length).toBeGreaterThan(4);
});
