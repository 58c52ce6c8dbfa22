import { appendFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeArchive } from '../../../src/snapshot/archive/write-archive.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import { SESSION, writeTree } from './support/profile.js';

/** A profile, and an archive of an earlier one. */
async function profileAndArchive() {
  const folder = await temporaryFolder();
  await writeTree(join(folder, 'profile'), SESSION);
  await writeFile(join(folder, 'a.zip'), 'the archive of before');
  return { folder, profile: join(folder, 'profile'), archive: join(folder, 'a.zip') };
}

async function expectUntouched(folder: string): Promise<void> {
  expect((await readdir(folder)).sort()).toEqual(['a.zip', 'profile']);
  expect(await readFile(join(folder, 'a.zip'), 'utf8')).toBe('the archive of before');
}

test.each(['IndexedDB', 'Local Storage'])('a profile without %s gives no archive', async (name) => {
  const { folder, profile, archive } = await profileAndArchive();
  await rm(join(profile, 'Default', name), { recursive: true });
  await expect(writeArchive(profile, archive)).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
  await expect(writeArchive(profile, archive)).rejects.toThrow(`no ${name} in it`);
  await expectUntouched(folder);
});

test('a profile that is not there gives no archive', async () => {
  const { folder, archive } = await profileAndArchive();
  const written = writeArchive(join(folder, 'no profile'), archive);
  await expect(written).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
  await expectUntouched(folder);
});

test('a profile that a browser still writes to is refused', async () => {
  const { folder, profile, archive } = await profileAndArchive();
  const log = join(profile, 'Default/Local Storage/leveldb/000003.log');
  const written = writeArchive(profile, archive, {
    onProgress: () => appendFileSync(log, 'more'),
  });
  await expect(written).rejects.toMatchObject({ code: 'PROFILE_IN_USE' });
  await expect(written).rejects.toThrow(/000003\.log changed/);
  await expectUntouched(folder);
});

test('an archive that cannot be put where it should be leaves nothing', async () => {
  const { folder, profile } = await profileAndArchive();
  await mkdir(join(folder, 'full', 'a.zip'), { recursive: true });
  await writeFile(join(folder, 'full', 'a.zip', 'in the way'), '');
  for (const target of [join(folder, 'full', 'a.zip'), join(folder, 'no folder', 'a.zip')]) {
    const written = writeArchive(profile, target);
    await expect(written).rejects.toMatchObject({ code: 'DATA_PATH_UNUSABLE', transient: false });
    await expect(written).rejects.toThrow(target);
  }
  expect(await readdir(join(folder, 'full'))).toEqual(['a.zip']);
});

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a file that may not be read is named',
  async () => {
    const { folder, profile, archive } = await profileAndArchive();
    await chmod(join(profile, 'Default/Local Storage/leveldb/000003.log'), 0);
    const written = writeArchive(profile, archive);
    await expect(written).rejects.toMatchObject({ code: 'DATA_PATH_UNUSABLE' });
    await expect(written).rejects.toThrow(/000003\.log/);
    await expectUntouched(folder);
  },
);
