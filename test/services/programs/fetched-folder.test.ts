import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Keepers } from '../keeper/keepers.js';
import { fetchedPrograms } from '../project.js';
import { type Fetch, fetchedFolder } from './fetched-folder.js';

const keepers = new Keepers();
let name: string;
let fills: number;

beforeEach(() => {
  name = `test-${randomBytes(6).toString('hex')}`;
  fills = 0;
});
afterEach(() => rmSync(path.join(fetchedPrograms, name), { recursive: true, force: true }));

/** Gives what its one file says, which has to be the truth. */
const fetch: Fetch<string> = {
  check: async (folder) => {
    const text = readFileSync(path.join(folder, 'file'), 'utf8');
    if (text !== 'whole') throw new Error(`it is ${text}`);
    return text;
  },
  fill: async (folder) => {
    fills += 1;
    writeFileSync(path.join(folder, 'file'), 'whole');
  },
};

/** All there is of it, with what is unfinished and the lock. */
function entries(): string[] {
  return readdirSync(fetchedPrograms).filter((entry) => entry.startsWith(name));
}

it('is filled once, however many ask', async () => {
  const both = [fetchedFolder(name, keepers, fetch), fetchedFolder(name, keepers, fetch)];
  expect(await Promise.all(both)).toEqual(['whole', 'whole']);
  expect(await fetchedFolder(name, keepers, fetch)).toBe('whole');
  expect(fills).toBe(1);
  expect(entries()).toEqual([name]);
});

it('is not there when filling it failed, and is filled the next time', async () => {
  const fill: typeof fetch.fill = async (folder) => {
    writeFileSync(path.join(folder, 'file'), 'half');
    throw new Error('the network is gone');
  };
  await expect(fetchedFolder(name, keepers, { ...fetch, fill })).rejects.toThrow('network');
  expect(entries()).toEqual([]);
  expect(await fetchedFolder(name, keepers, fetch)).toBe('whole');
});

it('is filled again when it does not do any more', async () => {
  await fetchedFolder(name, keepers, fetch);
  writeFileSync(path.join(fetchedPrograms, name, 'file'), 'stale');
  expect(await fetchedFolder(name, keepers, fetch)).toBe('whole');
  expect(fills).toBe(2);
});
