import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { databaseFiles, writeDatabase } from '../support/leveldb-writer.js';
import { capturer, check, contentOf, DATABASE, makeProfile } from './support/small-profile.js';

const CREATED = 'Default/Local Storage/leveldb';

it('a database that lost its CURRENT fails the capture, for its tables would be lost', async () => {
  const setup = await makeProfile({ CURRENT: undefined });
  await writeDatabase(join(setup.userDataDir, CREATED));
  const capture = capturer(setup).capture();
  await expect(capture).rejects.toMatchObject({ code: 'CAPTURE_FAILED' });
  await expect(capture).rejects.toThrow(/leveldb.*CURRENT is missing beside/);
});

it.each(['MANIFEST-000001', 'LOCK'])(
  'a database that is being created (%s) is no reason to fail',
  async (first) => {
    const setup = await makeProfile();
    await mkdir(join(setup.userDataDir, CREATED), { recursive: true });
    await writeFile(join(setup.userDataDir, CREATED, first), '');
    const profile = await capturer(setup).capture();
    expect(await check(profile)).toEqual({ state: 'ok' });
    expect(profile.files.filter(({ path }) => path.startsWith(CREATED))).toEqual([]);
    await profile.release();
  },
);

it('a database that is created under the capture is taken whole', async () => {
  const setup = await makeProfile({ CURRENT: undefined });
  const { CURRENT } = databaseFiles();
  const profile = await capturer(setup, async (call, path, times) => {
    if (call !== 'readFile' || !path.endsWith('CURRENT') || times !== 2) return;
    await writeFile(join(setup.dir, '000001.dbtmp'), CURRENT);
    await rename(join(setup.dir, '000001.dbtmp'), join(setup.dir, 'CURRENT'));
  }).capture();
  expect(await check(profile)).toEqual({ state: 'ok' });
  expect((await contentOf(profile, `${DATABASE}/CURRENT`)).toString()).toBe(CURRENT);
  await profile.release();
});

it('a profile in which every database is only being created is empty', async () => {
  const setup = await makeProfile();
  for (const name of Object.keys(databaseFiles())) {
    if (name !== 'MANIFEST-000001') await rm(join(setup.dir, name));
  }
  await expect(capturer(setup).capture()).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
});
