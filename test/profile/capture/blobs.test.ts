import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fault } from '../support/scripted-files.js';
import {
  BLOBS,
  capturer,
  check,
  contentOf,
  makeProfile,
  openHandles,
} from './support/small-profile.js';

it('a blob that comes and goes while the database is tried again is in the capture', async () => {
  const setup = await makeProfile();
  const blob = join(setup.userDataDir, BLOBS, '1/00/3');
  let hasCome = false;
  const profile = await capturer(setup, async (call, path, times) => {
    if (call !== 'readFile') return;
    if (path.endsWith('CURRENT') && times === 1) {
      await writeFile(blob, 'short-lived');
      throw fault('EBUSY');
    }
    // The second look at the manifest: what it names was read by now.
    if (path.endsWith('MANIFEST-000001') && !hasCome) {
      hasCome = true;
      await rm(blob);
    }
  }).capture();
  expect((await contentOf(profile, `${BLOBS}/1/00/3`)).toString()).toBe('short-lived');
  expect(await check(profile)).toEqual({ state: 'ok' });
  await profile.release();
  expect(await openHandles(setup.userDataDir)).toEqual([]);
});

it('a blob that is busy for ever fails the capture with one error, and nothing is left open', async () => {
  const setup = await makeProfile();
  const capture = capturer(setup, (_call, path) => {
    if (path.endsWith('00/2')) throw fault('EACCES');
  }).capture();
  await expect(capture).rejects.toMatchObject({ code: 'DATA_PATH_UNUSABLE' });
  await expect(capture).rejects.toThrow('EACCES');
  expect(await openHandles(setup.userDataDir)).toEqual([]);
});
