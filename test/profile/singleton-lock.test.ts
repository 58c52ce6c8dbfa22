import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { clearSingletonLock, readSingletonLock } from '../../src/profile/singleton-lock.js';
import { temporaryFolder } from './support/temporary-folder.js';

async function profileWithLock(target: string): Promise<string> {
  const profile = await temporaryFolder();
  await symlink(target, path.join(profile, 'SingletonLock'));
  return profile;
}

test('the lock of this host names its process', async () => {
  expect(await readSingletonLock(await profileWithLock(`${hostname()}-4711`))).toBe(4711);
});

test('the lock of another host, an odd one, and none at all name nobody', async () => {
  expect(await readSingletonLock(await profileWithLock('other-host-4711'))).toBeNull();
  expect(await readSingletonLock(await profileWithLock('nonsense'))).toBeNull();
  expect(await readSingletonLock(await temporaryFolder())).toBeNull();
});

test('clearing takes away all three files and nothing else', async () => {
  const profile = await profileWithLock('other-host-1');
  const socketFolder = await temporaryFolder();
  await symlink('123', path.join(profile, 'SingletonCookie'));
  await symlink(path.join(socketFolder, 'SingletonSocket'), path.join(profile, 'SingletonSocket'));
  await mkdir(path.join(profile, 'Default'));
  await writeFile(path.join(profile, 'Local State'), '{}');
  await clearSingletonLock(profile);
  await clearSingletonLock(profile);
  expect(await readSingletonLock(profile)).toBeNull();
  expect(existsSync(path.join(profile, 'Local State'))).toBe(true);
  expect(existsSync(path.join(profile, 'Default'))).toBe(true);
  expect(existsSync(socketFolder)).toBe(true);
});

test('clearing takes away what a killed browser left of its lock in the temporary folder', async () => {
  const profile = await profileWithLock(`${hostname()}-1`);
  const left = path.join(await temporaryFolder(), 'org.chromium.Chromium.a1B2c3');
  await mkdir(left);
  await writeFile(path.join(left, 'SingletonSocket'), '');
  await symlink('123', path.join(left, 'SingletonCookie'));
  await symlink(path.join(left, 'SingletonSocket'), path.join(profile, 'SingletonSocket'));
  await clearSingletonLock(profile);
  expect(existsSync(left)).toBe(false);
});
