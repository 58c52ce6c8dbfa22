import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HoldfastError } from '../../../src/errors.js';
import {
  type ReadArchiveOptions,
  readArchive,
} from '../../../src/snapshot/archive/read-archive.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import { readTree, SESSION, UNPACKED_SESSION } from './support/profile.js';
import { type RawEnd, type RawEntry, rawZip } from './support/raw-zip.js';

const session: RawEntry[] = Object.entries(SESSION).map(([name, content]) => ({ name, content }));
const inside = 'Default/IndexedDB/x.leveldb';

/** Unpacks an archive of a session and `entries`. @returns what came of it */
async function read(archive: Buffer, options: ReadArchiveOptions = {}) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.zip'), archive);
  const target = join(folder, 'below', 'unpacked');
  try {
    await readArchive(join(folder, 'a.zip'), target, options);
  } catch (error) {
    expect(existsSync(target), 'the folder is gone after an error').toBe(false);
    expect(await readdir(folder)).not.toContain('escaped');
    return error as HoldfastError;
  }
  return readTree(target);
}

const readWith = (entries: RawEntry[], end?: RawEnd, options?: ReadArchiveOptions) =>
  read(rawZip([...session, ...entries], end), options);

test('the hand-made archive is good where it does not lie', async () => {
  const extra = { name: `${inside}/1.log`, content: 'a log '.repeat(99), deflate: true };
  expect(await readWith([extra, { name: 'Default/IndexedDB/' }])).toEqual({
    ...UNPACKED_SESSION,
    [extra.name]: Buffer.from(extra.content),
  });
});

test('an archive made on Windows, with its separators, is taken', async () => {
  const entries = session.map((entry) => ({
    ...entry,
    name: String(entry.name).replaceAll('/', '\\'),
  }));
  const folders = ['Default\\', 'Default\\IndexedDB\\'].map((name) => ({
    name,
    central: { attributes: 0x10 },
  }));
  expect(await read(rawZip([...folders, ...entries]))).toEqual(UNPACKED_SESSION);
});

test('what is not of a session is left in the archive', async () => {
  const others = [
    'Default/Preferences',
    'Default/Extensions/abc/manifest.json',
    'Default/IndexedDB/x.leveldb/LOCK',
    'Default/Session Storage/1.log',
    'SingletonLock',
    'Local State',
  ];
  const entries = others.map((name) => ({ name, content: 'x' }));
  expect(await readWith(entries)).toEqual(UNPACKED_SESSION);
});

test.each([
  ['a path that leads out', '../escaped', 'leads out'],
  ['a path that leads out from below', `${inside}/../../../../escaped`, 'leads out'],
  ['a path that leads out in backslashes', 'Default\\..\\..\\escaped', 'leads out'],
  ['an absolute path', '/tmp/escaped', 'absolute'],
  ['an absolute path of Windows', '\\\\host\\share', 'absolute'],
  ['a drive letter', 'C:escaped', 'drive letter'],
  ['a NUL', `${inside}/1.ldb\0.txt`, 'control character'],
  ['a line break', `${inside}/1\n.ldb`, 'control character'],
  ['an empty part', `${inside}//1.ldb`, 'no plain path'],
  ['a dot', `./${inside}/1.ldb`, 'no plain path'],
  ['a name too long', `${inside}/${'x'.repeat(256)}`, 'too long'],
  ['a path too long', `${inside}/${'x/'.repeat(600)}1.ldb`, 'too long'],
  ['no name at all', '', 'no plain path'],
  ['a stream of Windows', `${inside}/1.ldb:stream`, 'not one that a browser makes'],
  ['a device of Windows', `${inside}/NUL.txt`, 'not one that a browser makes'],
  ['a dot at its end', `${inside}/1.ldb.`, 'not one that a browser makes'],
])('an entry named with %s is refused', async (_what, name, reason) => {
  const error = await readWith([{ name, content: 'x' }]);
  expect(error).toMatchObject({ code: 'ARCHIVE_REFUSED', transient: false });
  expect((error as HoldfastError).message).toContain(reason);
});

const UNIX = 3 << 8;
test.each([
  ['a symbolic link', { attributes: 0o120777 * 0x10000, madeBy: UNIX }],
  ['a symbolic link that says it was made on DOS', { attributes: 0o120777 * 0x10000 }],
  ['a device', { attributes: 0o020644 * 0x10000, madeBy: UNIX }],
  ['a pipe', { attributes: 0o010644 * 0x10000, madeBy: UNIX }],
  ['a folder named as a file', { attributes: 0o040755 * 0x10000, madeBy: UNIX }],
  ['a folder of DOS named as a file', { attributes: 0x10 }],
])('%s is refused', async (_what, central) => {
  const entries = [{ name: `${inside}/1.ldb`, content: '/etc/passwd', central }];
  expect(await readWith(entries)).toMatchObject({ code: 'ARCHIVE_REFUSED' });
});

test.each([
  ['the same', `${inside}/1.ldb`, 'twice'],
  ['in other letters', `${inside}/1.LDB`, 'twice'],
  ['with backslashes', `${inside}/1.ldb`.replaceAll('/', '\\'), 'twice'],
  ['below the first', `${inside}/1.ldb/2.ldb`, 'where a folder should be'],
  ['above the first', inside, 'where a folder should be'],
  ['above the first in other letters', inside.toUpperCase(), 'where a folder should be'],
  ['a folder of the first', `${inside}/1.ldb/`, 'where a folder should be'],
  ['in place of a folder that must be', 'Default', 'where a folder should be'],
])('two entries whose names do not go together are refused: %s', async (_what, name, reason) => {
  const entries = [{ name: `${inside}/1.ldb`, content: 'a' }, { name }];
  for (const order of [entries, [...entries].reverse()]) {
    const error = await readWith(order);
    expect(error).toMatchObject({ code: 'ARCHIVE_REFUSED' });
    expect((error as HoldfastError).message).toContain(reason);
  }
});

test('letters that one file system takes for the same are the same', async () => {
  const entries = ['\u00e9', 'e\u0301'].map((name) => ({ name: `${inside}/${name}` }));
  expect(await readWith(entries)).toMatchObject({ code: 'ARCHIVE_REFUSED' });
});

test.each([
  ['an encrypted entry', { flags: 0x801 }, /encrypted/],
  ['a strongly encrypted entry', { flags: 0x841 }, /encrypted/],
  ['a compression that is not deflate', { method: 12 }, /another method/],
])('%s is refused', async (_what, central, reason) => {
  const packed = Buffer.alloc(13);
  const header = { ...central, size: 1, compressedSize: 13 };
  const error = await readWith([{ name: `${inside}/1.ldb`, packed, central: header }]);
  expect(error).toMatchObject({ code: 'ARCHIVE_REFUSED' });
  expect((error as HoldfastError).message).toMatch(reason);
});

test('a bomb is refused before anything is unpacked', async () => {
  const zeros = { name: `${inside}/1.log`, content: Buffer.alloc(70 * 1024 ** 2), deflate: true };
  const error = await readWith([zeros]);
  expect(error).toMatchObject({ code: 'ARCHIVE_REFUSED' });
  expect((error as HoldfastError).message).toContain('200 times as large');
  expect(await readWith([zeros], {}, { limits: { ratio: 2000 } })).toHaveProperty([zeros.name]);
});

test('a bomb that says it is small is stopped where it goes on', async () => {
  const zeros = { name: `${inside}/1.log`, content: Buffer.alloc(5_000_000), deflate: true };
  let unpacked = 0;
  const onProgress = ({ doneBytes }: { doneBytes: number }) => {
    unpacked = doneBytes;
  };
  const error = await readWith([{ ...zeros, central: { size: 10 } }], {}, { onProgress });
  expect(error).toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  expect(unpacked).toBeLessThan(10_000);
});

test('entries that lie over each other are refused', async () => {
  const table = Buffer.alloc(10_000, 'table');
  // Each of them says that the same bytes behind it are its content.
  const entries = ['1', '2', '3'].map((name) => ({
    name: `${inside}/${name}.ldb`,
    packed: Buffer.alloc(0),
    central: { size: table.length, compressedSize: table.length },
  }));
  const error = await readWith([...entries, { name: 'padding', content: table }]);
  expect(error).toMatchObject({ code: 'ARCHIVE_REFUSED' });
  expect((error as HoldfastError).message).toContain('over each other');
});

test.each([
  ['entries', { entries: 3 }],
  ['bytes', { totalBytes: 1216 }],
])('more %s than the limit are refused', async (_what, limits) => {
  expect(await readWith([], {}, { limits })).not.toHaveProperty('code');
  const more = { name: `${inside}/1.ldb`, content: 'x' };
  expect(await readWith([more], {}, { limits })).toMatchObject({ code: 'ARCHIVE_REFUSED' });
});

test.each([
  ['IndexedDB', 'Default/Local Storage/leveldb/1.log'],
  ['Local Storage', `${inside}/1.log`],
])('an archive without %s holds no session', async (missing, name) => {
  const error = await read(rawZip([{ name, content: 'x' }]));
  expect(error).toMatchObject({ code: 'PROFILE_EMPTY' });
  expect((error as HoldfastError).message).toContain(`no ${missing} in it`);
});

test('a folder that is not empty is not touched', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.zip'), rawZip(session));
  await mkdir(join(folder, 'unpacked'));
  await writeFile(join(folder, 'unpacked', 'mine'), 'x');
  await expect(readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'))).rejects.toMatchObject({
    code: 'DATA_PATH_UNUSABLE',
  });
  expect(await readdir(join(folder, 'unpacked'))).toEqual(['mine']);
});

test('an archive that is not there is said to be so', async () => {
  const folder = await temporaryFolder();
  const error = readArchive(join(folder, 'no.zip'), join(folder, 'unpacked'));
  await expect(error).rejects.toMatchObject({ code: 'DATA_PATH_UNUSABLE' });
  await expect(error).rejects.toThrow(/no\.zip/);
  expect(await readdir(folder)).toEqual([]);
});
