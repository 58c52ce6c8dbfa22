import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTokens } from '../../../src/server/auth/token-file.js';
import { Tokens } from '../../../src/server/auth/tokens.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'test-tokens-'));
  file = path.join(folder, 'new', 'tokens.json');
});
afterEach(() => rm(folder, { recursive: true }));

test('tokens are made once; the file, for its owner only, holds no more than their hashes', async () => {
  const first = await findTokens({}, file);
  const { admin = '', viewer = '' } = first.created ?? {};
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, 'utf8');
  expect([text.includes(admin), text.includes(viewer)]).toEqual([false, false]);
  const second = await findTokens({}, file);
  expect(second).toEqual({ hashes: first.hashes, created: null });
  const tokens = new Tokens(second.hashes);
  expect([admin, viewer, `${admin}x`, ''].map((token) => tokens.roleOf(token))).toEqual([
    'admin',
    'viewer',
    null,
    null,
  ]);
});

test('of workers that start at once on one disk, one makes them', async () => {
  const found = await Promise.all(Array.from({ length: 5 }, () => findTokens({}, file)));
  expect(found.filter(({ created }) => created !== null)).toHaveLength(1);
  expect(new Set(found.map(({ hashes }) => hashes.admin)).size).toBe(1);
});

test('tokens of the environment come first; such that could be guessed are refused', async () => {
  const admin = 'a'.repeat(24);
  const { hashes } = await findTokens({ admin }, file);
  expect(new Tokens(hashes).roleOf(admin)).toBe('admin');
  await expect(stat(file)).rejects.toThrow('ENOENT');
  for (const given of [
    { admin: 'a'.repeat(23) },
    { admin, viewer: 'short' },
    { admin, viewer: admin },
    { admin: `${'a'.repeat(24)} b` },
  ]) {
    await expect(findTokens(given, file)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  }
});

test('a file that others can write, or that holds something else, is refused', async () => {
  await findTokens({}, file);
  await chmod(file, 0o666);
  await expect(findTokens({}, file)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  await chmod(file, 0o600);
  await writeFile(file, '{"admin":"my token"}');
  await expect(findTokens({}, file)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});
