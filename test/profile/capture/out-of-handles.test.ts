import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fault } from '../support/scripted-files.js';
import { capturer, check, makeProfile, openHandles, pinsIn } from './support/small-profile.js';

it('pins do not use up the last handles, with which the manifest is read', async () => {
  const setup = await makeProfile();
  let isRefused = false;
  const profile = await capturer(setup, async (call, path) => {
    if (call === 'open' && path.endsWith('000007.ldb')) throw fault('EMFILE');
    // The handle of the other table was the last one.
    if (call !== 'readFile' || (await openHandles(setup.dir)).length === 0) return;
    isRefused = true;
    throw fault('EMFILE');
  }).capture();
  expect(isRefused).toBe(true);
  expect(await check(profile)).toEqual({ state: 'ok' });
  await profile.release();
  expect(await pinsIn(setup)).toEqual([]);
});

it('a pin that fails half way leaves no link behind', async () => {
  const setup = await makeProfile();
  const capture = capturer(setup, (call, path) => {
    if (call === 'open' && path.startsWith(setup.dir)) throw fault('EMFILE');
    if (call === 'stat' && path.includes('holdfast-pins')) throw fault('EIO');
  }).capture();
  await expect(capture).rejects.toThrow('EIO');
  expect(await pinsIn(setup)).toEqual([]);
  expect(await openHandles(setup.userDataDir)).toEqual([]);
});

it('two capturers of one profile do not use the same names for their links', async () => {
  const setup = await makeProfile();
  const script = (call: string, path: string) => {
    if (call === 'open' && path.startsWith(setup.dir)) throw fault('EMFILE');
  };
  const both = [capturer(setup, script), capturer(setup, script)] as const;
  // Both have swept before either holds a link.
  await (await both[0].capture()).release();
  await (await both[1].capture()).release();
  const [one, other] = [await both[0].capture(), await both[1].capture()];
  expect(await check(one)).toEqual({ state: 'ok' });
  expect(await check(other)).toEqual({ state: 'ok' });
  await one.release();
  expect(await check(other)).toEqual({ state: 'ok' });
  await other.release();
});

it('what a killed process has left of copies, too, goes with the first capture', async () => {
  const setup = await makeProfile();
  const pins = join(setup.userDataDir, 'holdfast-pins');
  await mkdir(join(pins, 'deep'), { recursive: true });
  await writeFile(join(pins, 'deep/copy'), 'left');
  await (await capturer(setup).capture()).release();
  expect(await readdir(setup.userDataDir)).toEqual(['Default']);
});

it('what cannot be swept fails no capture', async () => {
  const setup = await makeProfile();
  const profile = await capturer(setup, (call, path) => {
    if (call === 'rm' && path.endsWith('holdfast-pins')) throw fault('EBUSY');
  }).capture();
  expect(await check(profile)).toEqual({ state: 'ok' });
  await profile.release();
});
