import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  createTemporaryProfile,
  removeTemporaryProfile,
} from '../../src/browser/temporary-profile.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

beforeEach(async () => {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = await temporaryFolder();
  onTestFinished(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
});

test('a temporary profile is readable for its user only, and goes with its folder', async () => {
  const { folder, userDataDir } = await createTemporaryProfile();
  expect(path.dirname(folder)).toBe(tmpdir());
  expect(statSync(userDataDir).mode & 0o077).toBe(0);
  expect(statSync(folder).mode & 0o077).toBe(0);
  await removeTemporaryProfile(folder);
  await removeTemporaryProfile(folder);
  expect(existsSync(folder)).toBe(false);
});

test('those of dead processes are swept, those of living ones and folders of others are not', async () => {
  const living = await createTemporaryProfile();
  const make = (name: string, owner?: string) => {
    const folder = path.join(tmpdir(), name);
    mkdirSync(folder);
    if (owner !== undefined) writeFileSync(path.join(folder, 'owner.json'), owner);
    return folder;
  };
  const dead = make('holdfast-dead', JSON.stringify({ pid: process.pid, startTime: 'earlier' }));
  const others = [
    make('holdfast-docs'),
    make('holdfast-odd', 'null'),
    make('holdfast-torn', '{"pi'),
    make('somebody', JSON.stringify({ pid: 1, startTime: 'earlier' })),
  ];
  await createTemporaryProfile();
  expect(existsSync(dead)).toBe(false);
  expect([living.folder, ...others].filter((folder) => !existsSync(folder))).toEqual([]);
});
