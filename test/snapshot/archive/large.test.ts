import { mkdir, open, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { readArchive } from '../../../src/snapshot/archive/read-archive.js';
import { writeArchive } from '../../../src/snapshot/archive/write-archive.js';
import {
  centralHeader,
  endOfArchive,
  localHeader,
  type ZipEntry,
} from '../../../src/snapshot/archive/zip-records.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import { readTree, SESSION, UNPACKED_SESSION, writeTree } from './support/profile.js';

const FOUR_GIB = 4 * 1024 ** 3;

const entryOf = (path: string, content: Buffer, offset: number): ZipEntry => ({
  path,
  isDeflated: false,
  crc32: crc32(content),
  compressedSize: content.length,
  size: content.length,
  offset,
  isLarge: false,
});

/** Writes the archive of a session whose entries lie `gap` bytes apart. */
async function writeSparse(file: string, gap: number, others: ZipEntry[] = []): Promise<void> {
  const archive = await open(file, 'w');
  const entries: ZipEntry[] = [...others];
  let end = 0;
  for (const other of others) {
    await archive.write(localHeader(other), 0, undefined, other.offset);
    end = other.offset + localHeader(other).length;
  }
  for (const [path, content] of Object.entries(SESSION)) {
    const entry = entryOf(path, content, end + gap);
    const record = Buffer.concat([localHeader(entry), content]);
    await archive.write(record, 0, undefined, entry.offset);
    entries.push(entry);
    end = entry.offset + record.length;
  }
  const directory = Buffer.concat(entries.map(centralHeader));
  const tail = Buffer.concat([directory, endOfArchive(entries.length, end, directory.length)]);
  await archive.write(tail, 0, undefined, end);
  await archive.close();
}

test('files that lie beyond 4 GiB in an archive are read', async () => {
  const folder = await temporaryFolder();
  await writeSparse(join(folder, 'a.zip'), FOUR_GIB);
  await readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'));
  expect(await readTree(join(folder, 'unpacked'))).toEqual(UNPACKED_SESSION);
});

test('more than 65,535 entries are read', async () => {
  const folder = await temporaryFolder();
  const others: ZipEntry[] = [];
  for (let index = 0, offset = 0; index < 66_000; index++) {
    const entry = entryOf(`Default/Cache/${index}`, Buffer.alloc(0), offset);
    others.push(entry);
    offset += localHeader(entry).length;
  }
  await writeSparse(join(folder, 'a.zip'), 0, others);
  await readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'));
  expect(await readTree(join(folder, 'unpacked'))).toEqual(UNPACKED_SESSION);
});

test.runIf(process.env.HOLDFAST_LARGE_TESTS)(
  'a profile with a file of more than 4 GiB comes back the same',
  { timeout: 300_000 },
  async () => {
    const folder = await temporaryFolder();
    const name = 'Default/IndexedDB/x.leveldb/1.ldb';
    await writeTree(join(folder, 'profile'), SESSION);
    await mkdir(join(folder, 'profile/Default/IndexedDB/x.leveldb'));
    await (await open(join(folder, 'profile', name), 'w')).close();
    await truncate(join(folder, 'profile', name), FOUR_GIB + 5);
    await writeArchive(join(folder, 'profile'), join(folder, 'a.zip'));
    expect((await stat(join(folder, 'a.zip'))).size).toBeGreaterThan(FOUR_GIB);
    await rm(join(folder, 'profile'), { recursive: true });
    await readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'));
    expect((await stat(join(folder, 'unpacked', name))).size).toBe(FOUR_GIB + 5);
    await rm(join(folder, 'unpacked', name));
    expect(await readTree(join(folder, 'unpacked'))).toEqual(UNPACKED_SESSION);
  },
);
