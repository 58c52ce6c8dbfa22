import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CapturedProfile } from '../../../src/profile/capture/captured-profile.js';
import { ProfileCapturer } from '../../../src/profile/capture/profile-capturer.js';
import { coarseFiles } from '../support/coarse-files.js';
import { databaseFiles, writeDatabase } from '../support/leveldb-writer.js';
import { CACHED, DATABASE, makeProfile } from './support/small-profile.js';

const LONG_AGO = new Date(Date.now() - 3_600_000);

/** The paths whose content would be taken from the snapshot before. */
async function reused(first: CapturedProfile, second: CapturedProfile): Promise<string[]> {
  const stamps = new Map(first.files.map(({ path, stamp }) => [path, stamp]));
  return second.files
    .filter(({ path, stamp }) => stamp !== null && stamps.get(path) === stamp)
    .map(({ path }) => path);
}

function knownOf({ files }: CapturedProfile): (path: string, stamp: string) => boolean {
  const stamps = new Map(files.map(({ path, stamp }) => [path, stamp]));
  return (path, stamp) => stamps.get(path) === stamp;
}

it('a database made anew with the same names, inodes, sizes and times is read again', async () => {
  const { userDataDir, dir } = await makeProfile();
  const capturer = new ProfileCapturer(userDataDir, { files: coarseFiles(LONG_AGO) });
  const first = await capturer.capture();
  await first.release();
  await rm(dir, { recursive: true });
  const other = databaseFiles()['000005.ldb'];
  other[0] = 1;
  await writeDatabase(dir, { '000005.ldb': other });

  const second = await capturer.capture(knownOf(first));
  const names = (await reused(first, second)).filter((path) => path.startsWith(DATABASE));
  // CURRENT is known by what is in it.
  expect(names).toEqual([`${DATABASE}/CURRENT`]);
  const table = second.files.find(({ path }) => path.endsWith('000005.ldb'));
  const content = Buffer.alloc(other.length);
  await table?.read(content, 0);
  expect(content).toEqual(other);
  await second.release();
});

it('a quiet profile is not read again, however coarse the times are', async () => {
  const { userDataDir } = await makeProfile();
  const capturer = new ProfileCapturer(userDataDir, { files: coarseFiles(LONG_AGO) });
  const first = await capturer.capture();
  await first.release();
  const second = await capturer.capture(knownOf(first));
  expect(await reused(first, second)).toEqual(first.files.map(({ path }) => path));
  await second.release();
});

it.each([CACHED, 'Default/Cookies'])(
  'a file written again within one tick of a coarse clock is read again: %s',
  async (name) => {
    const { userDataDir } = await makeProfile();
    const file = join(userDataDir, name);
    await writeFile(file, 'cached');
    const capturer = new ProfileCapturer(userDataDir, { files: coarseFiles(new Date()) });
    const first = await capturer.capture();
    await first.release();
    await writeFile(file, 'CACHED');
    const second = await capturer.capture(knownOf(first));
    expect(await reused(first, second)).not.toContain(name);
    const captured = second.files.find(({ path }) => path === name);
    const content = Buffer.alloc(captured?.size ?? 0);
    await captured?.read(content, 0);
    expect(content).toEqual(await readFile(file));
    await second.release();
  },
);
