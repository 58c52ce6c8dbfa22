import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HoldfastError } from '../../../src/errors.js';
import { readArchive } from '../../../src/snapshot/archive/read-archive.js';
import { writeArchive } from '../../../src/snapshot/archive/write-archive.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import { readTree, SESSION, type Tree, UNPACKED_SESSION, writeTree } from './support/profile.js';
import { type RawEntry, rawZip } from './support/raw-zip.js';

const session: RawEntry[] = Object.entries(SESSION).map(([name, content]) => ({ name, content }));

async function archiveOfSession(): Promise<Buffer> {
  const folder = await temporaryFolder();
  await writeTree(join(folder, 'profile'), SESSION);
  await writeArchive(join(folder, 'profile'), join(folder, 'a.zip'));
  return readFile(join(folder, 'a.zip'));
}

/** Reads many archives one after the other. */
async function reader(): Promise<(archive: Buffer) => Promise<Tree | HoldfastError>> {
  const folder = await temporaryFolder();
  const target = join(folder, 'unpacked');
  return async (archive) => {
    await writeFile(join(folder, 'a.zip'), archive);
    try {
      await readArchive(join(folder, 'a.zip'), target);
      return await readTree(target);
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      expect(existsSync(target)).toBe(false);
      return error;
    } finally {
      await rm(target, { recursive: true, force: true });
    }
  };
}

test('an archive cut at any byte is damaged', async () => {
  const archive = await archiveOfSession();
  const read = await reader();
  for (let length = 0; length < archive.length; length++) {
    const error = await read(archive.subarray(0, length));
    expect(error, `cut at ${length}`).toMatchObject({ code: 'ARCHIVE_DAMAGED', transient: false });
  }
  expect(await read(archive)).toEqual(UNPACKED_SESSION);
});

test.each([
  ['a bit', (byte: number) => byte ^ 1],
  ['all bits', (byte: number) => byte ^ 0xff],
])('with %s turned over anywhere it is refused, or unpacks the same', async (_what, turn) => {
  const archive = await archiveOfSession();
  const read = await reader();
  let same = 0;
  for (let at = 0; at < archive.length; at++) {
    const damaged = Buffer.from(archive);
    damaged[at] = turn(damaged[at] as number);
    const outcome = await read(damaged);
    if (outcome instanceof HoldfastError) {
      expect(outcome.code, `byte ${at}`).toMatch(/^(ARCHIVE_(DAMAGED|REFUSED)|PROFILE_EMPTY)$/);
    } else {
      expect(outcome, `byte ${at}`).toEqual(UNPACKED_SESSION);
      same++;
    }
  }
  // Dates, versions and the like mean nothing.
  expect(same).toBeLessThan(archive.length / 10);
});

const file = { name: 'Default/IndexedDB/x.leveldb/1.ldb', content: 'a table'.repeat(9) };
const deflated = { ...file, deflate: true };
test.each<[string, RawEntry, RegExp]>([
  ['another checksum', { ...file, central: { crc: 1 } }, /checksum/],
  ['another checksum, deflated', { ...deflated, central: { crc: 1 } }, /checksum/],
  ['less content than it says', { ...deflated, central: { size: 64 } }, /smaller than it says/],
  ['more content than it says', { ...deflated, central: { size: 62 } }, /larger than it says/],
  ['two sizes of one stored file', { ...file, central: { size: 62 } }, /mismatch/],
  ['content that is not deflated', { ...deflated, packed: Buffer.alloc(30, 255) }, /block type/],
  ['content that ends early', { ...deflated, packed: Buffer.alloc(0) }, /unexpected end/],
  ['a header of another name', { ...file, local: { name: 'Default/x' } }, /differ in the name/],
  ['a header of another method', { ...file, local: { method: 8 } }, /differ in the compression/],
  ['a header of another size', { ...file, local: { size: 1 } }, /differ in the size/],
  ['a header of another packed size', { ...file, local: { compressedSize: 1 } }, /in the size/],
  ['a header of another checksum', { ...file, local: { crc: 1 } }, /differ in the checksum/],
  ['a header that is encrypted', { ...file, local: { flags: 0x801 } }, /differ in the encryption/],
  ['no header where it should be', { ...file, central: { offset: 3 } }, /local file header/],
  ['a header beyond the end', { ...file, central: { offset: 0xfffffffe } }, /unexpected EOF/],
  [
    'a header beyond all files',
    {
      ...file,
      central: {
        offset: 0xffffffff,
        extra: Buffer.concat([Buffer.from([1, 0, 8, 0]), Buffer.alloc(8, 255)]),
      },
    },
    /outside of itself/,
  ],
  [
    'more data than the archive',
    { ...file, central: { compressedSize: 9e6, size: 9e6 } },
    /overflow/,
  ],
])('an entry with %s is damaged', async (_what, entry, reason) => {
  const read = await reader();
  const error = await read(rawZip([...session, entry]));
  expect(error).toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  expect((error as HoldfastError).message).toMatch(reason);
});

test('sizes behind the data, as streaming programs write them, are no damage', async () => {
  const flags = 0x808;
  const entry: RawEntry = {
    ...deflated,
    central: { flags },
    local: { crc: 0, size: 0, compressedSize: 0 },
  };
  const read = await reader();
  expect(await read(rawZip([...session, entry]))).toHaveProperty([file.name]);
});

test('an archive with more or fewer entries than it says is damaged', async () => {
  const read = await reader();
  for (const count of [0, 1, 2, 4]) {
    const outcome = await read(rawZip(session, { count }));
    expect(outcome, `${count}`).toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  }
});

test('a ZIP64 end that points beyond all files is damaged', async () => {
  const read = await reader();
  const archive = rawZip(session);
  const locator = Buffer.alloc(20, 255);
  locator.write('PK\x06\x07', 'latin1');
  const end = archive.length - 22;
  const lying = Buffer.concat([archive.subarray(0, end), locator, archive.subarray(end)]);
  expect(await read(lying)).toMatchObject({ code: 'ARCHIVE_DAMAGED' });
});

test.each([
  ['text', Buffer.from('<html>503 Service Unavailable</html>')],
  ['a picture', Buffer.from('iVBORw0KGgoAAAANSUhEUg'.repeat(99), 'base64')],
])('%s is no archive', async (_what, bytes) => {
  const read = await reader();
  const error = await read(bytes);
  expect(error).toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  expect((error as HoldfastError).message).toMatch(/a\.zip.*not a zip file.*copy/);
});
