import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  moveSessionFolderAside,
  openSessionFolder,
  removeSessionFolder,
  sweepRemovedFolders,
} from '../../src/auth/session-folder.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

vi.mock('node:fs/promises', { spy: true });
afterEach(() => {
  vi.mocked(fs.rename).mockReset();
  vi.mocked(fs.rm).mockReset();
  vi.mocked(fs.writeFile).mockReset();
});

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: resource busy or locked`), { code });
}

async function sessionFolder(): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'session');
  await fs.mkdir(path.join(folder, 'Default'), { recursive: true });
  await fs.writeFile(path.join(folder, 'Default', 'Preferences'), '{}');
  return folder;
}

test('a folder that is opened is there, and holds what it held', async () => {
  const folder = await sessionFolder();
  await openSessionFolder(folder);
  expect(await fs.readdir(folder)).toEqual(['Default']);
  const fresh = path.join(path.dirname(folder), 'deep', 'session');
  await openSessionFolder(fresh);
  expect(await fs.readdir(fresh)).toEqual([]);
});

test.each([
  ['ENOSPC', 'its disk is full', true],
  ['EACCES', 'this user may not write there', false],
  ['EROFS', 'its file system is read-only', false],
])('%s is one error that says so', async (code, reason, transient) => {
  const folder = await sessionFolder();
  vi.mocked(fs.writeFile).mockRejectedValueOnce(failure(code));
  await expect(openSessionFolder(folder)).rejects.toMatchObject({
    code: 'DATA_PATH_UNUSABLE',
    message: expect.stringContaining(`${folder} cannot be used: ${reason}`),
    transient,
  });
  expect(await fs.readdir(folder)).toEqual(['Default']);
});

test('a folder that another program holds is tried again, as often as asked for', async () => {
  const folder = await sessionFolder();
  vi.mocked(fs.rename)
    .mockRejectedValueOnce(failure('EBUSY'))
    .mockRejectedValueOnce(failure('EPERM'));
  await removeSessionFolder(folder, 2);
  expect(fs.rename).toHaveBeenCalledTimes(3);
  expect(await fs.readdir(path.dirname(folder))).toEqual([]);
});

test('one that stays held is an error that says that the device is logged out', async () => {
  const folder = await sessionFolder();
  vi.mocked(fs.rename).mockRejectedValue(failure('EBUSY'));
  await expect(removeSessionFolder(folder, 1)).rejects.toMatchObject({
    code: 'PROFILE_NOT_REMOVED',
    message: expect.stringContaining(folder),
  });
  expect(fs.rename).toHaveBeenCalledTimes(2);
});

test('removing a folder that is not there is done already', async () => {
  await removeSessionFolder(path.join(await temporaryFolder(), 'session'), 0);
});

test('an interrupted removal leaves nothing that is believed, and is finished later', async () => {
  const folder = await sessionFolder();
  const other = `${folder}-client-two`;
  await fs.mkdir(other);
  vi.mocked(fs.rm).mockRejectedValueOnce(failure('EIO'));
  await expect(removeSessionFolder(folder, 0)).rejects.toMatchObject({
    code: 'PROFILE_NOT_REMOVED',
  });
  expect(existsSync(folder)).toBe(false);
  expect(await fs.readdir(path.dirname(folder))).toHaveLength(2);
  await sweepRemovedFolders(folder);
  expect(await fs.readdir(path.dirname(folder))).toEqual(['session-client-two']);
});

test('a folder that is moved aside keeps all it held', async () => {
  const folder = await sessionFolder();
  const aside = await moveSessionFolderAside(folder);
  expect(existsSync(folder)).toBe(false);
  expect(path.dirname(aside)).toBe(path.dirname(folder));
  expect(await fs.readFile(path.join(aside, 'Default', 'Preferences'), 'utf8')).toBe('{}');
});
