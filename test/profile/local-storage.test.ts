import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../src/profile/leveldb/check-database.js';
import { localStorageFolder, mergeLocalStorage } from '../../src/profile/local-storage.js';
import { StorageBrowser, servePage } from './support/storage-browser.js';
import { temporaryFolder } from './support/temporary-folder.js';

type Items = [key: string, value: string][];

const STRANGE: Items = [
  ['', 'an empty key'],
  ['\0nul\0', '\0'],
  ['empty value', ''],
  ['latin é', 'ÿ'],
  ['lone \udc00 \ud800', '\ud83d'],
  ['日本', '語'],
  ['😀', '👍🏽'],
];
const FIVE_MB = 'x'.repeat(5_000_000);

let profile: string;
let url: string;
beforeEach(async () => {
  profile = await temporaryFolder();
  url = await servePage();
});

const originOf = (address: string) => new URL(address).origin;
const merge = (items: Items, address = url) =>
  mergeLocalStorage(profile, [{ origin: originOf(address), items }]);

describe('localStorage written into a profile on disk', () => {
  it('is what the page finds, in a profile that never saw a browser, at three starts in a row', async () => {
    await merge([...STRANGE, ['big', FIVE_MB]]);
    const grown: Items = [...STRANGE, ['big', FIVE_MB]];
    for (let start = 0; start < 3; start++) {
      const browser = await StorageBrowser.start(profile, url);
      expectItems(await browser.items(), grown);
      await browser.setItems([[`start ${start}`, 'added']]);
      grown.push([`start ${start}`, 'added']);
      await browser.close();
      expect(await checkDatabase(localStorageFolder(profile), { deep: true })).toEqual({
        state: 'ok',
      });
    }
  });

  it('replaces an origin completely, also where it lies in tables, and touches no other', async () => {
    const other = url.replace('127.0.0.1', 'localhost');
    const first = await StorageBrowser.start(profile, url);
    const random = Array.from({ length: 40 }, (_, n): [string, string] => {
      return [`old ${n}`, `${n} `.repeat(20_000)];
    });
    await first.setItems([...random, ...STRANGE, ['same', 'as before']]);
    await first.goto(other);
    await first.setItems([...STRANGE, ['other', 'stays']]);
    await first.close();
    // Opening it again moves what is in the log into a table.
    const second = await StorageBrowser.start(profile, url);
    expect(await second.items()).toHaveLength(random.length + STRANGE.length + 1);
    await second.close();
    const names = await readdir(localStorageFolder(profile));
    expect(names.filter((name) => name.endsWith('.ldb'))).not.toEqual([]);

    await merge([
      ['new', '1'],
      ['old 3', 'changed'],
      ['same', 'as before'],
    ]);
    for (let start = 0; start < 3; start++) {
      const browser = await StorageBrowser.start(profile, url);
      expectItems(await browser.items(), [
        ['new', '1'],
        ['old 3', 'changed'],
        ['same', 'as before'],
      ]);
      await browser.goto(other);
      expectItems(await browser.items(), [...STRANGE, ['other', 'stays']]);
      if (start === 1) await browser.kill();
      else await browser.close();
    }
  });

  it('removes everything when the area is empty', async () => {
    const browser = await StorageBrowser.start(profile, url);
    await browser.setItems([['a', '1']]);
    await browser.close();
    await merge([]);
    const again = await StorageBrowser.start(profile, url);
    expect(await again.items()).toEqual([]);
    await again.close();
  });

  it('goes into a profile whose log ends in half a record', async () => {
    const browser = await StorageBrowser.start(profile, url);
    await browser.setItems([['kept', 'of another origin']]);
    await browser.close();
    await appendFile(await newestLog(), Buffer.from('half a record'));

    const other = url.replace('127.0.0.1', 'localhost');
    await merge([['a', '1']], other);
    for (let start = 0; start < 3; start++) {
      const again = await StorageBrowser.start(profile, url);
      expect(await again.items()).toEqual([['kept', 'of another origin']]);
      await again.goto(other);
      expect(await again.items()).toEqual([['a', '1']]);
      await again.kill();
    }
  });

  it('is not written again when it is there already, or when there is none', async () => {
    await merge([]);
    expect(existsSync(localStorageFolder(profile))).toBe(false);
    await merge(STRANGE);
    const before = await contents();
    await merge(STRANGE);
    expect(await contents()).toEqual(before);
    await merge([], 'https://never.example/');
    expect(await contents()).toEqual(before);
  });

  it('is readable by its owner only', async () => {
    await merge(STRANGE);
    const { mode } = await stat(await newestLog());
    expect(mode & 0o077).toBe(0);
  });

  it('replaces a database whose creation was cut off', async () => {
    const dir = localStorageFolder(profile);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'LOCK'), '');
    await writeFile(join(dir, 'MANIFEST-000001'), 'half');
    await merge([['a', '1']]);
    const browser = await StorageBrowser.start(profile, url);
    expect(await browser.items()).toEqual([['a', '1']]);
    await browser.close();
  });

  it('does not touch a damaged database: PROFILE_DAMAGED, without a word of its content', async () => {
    await merge([['secret key', 'secret value']]);
    const dir = localStorageFolder(profile);
    await writeFile(join(dir, 'CURRENT'), 'nonsense');
    const before = await contents();
    const error = await merge([['a', 'another secret']]).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'PROFILE_DAMAGED' });
    expect(`${error.message} ${error.cause}`).not.toContain('secret');
    expect(await contents()).toEqual(before);
  });

  it('does not delete tables that lost their CURRENT: PROFILE_DAMAGED', async () => {
    const dir = localStorageFolder(profile);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, '000005.ldb'), 'a table');
    await expect(merge([['a', '1']])).rejects.toMatchObject({ code: 'PROFILE_DAMAGED' });
    expect(await readdir(dir)).toEqual(['000005.ldb']);
  });
});

function expectItems(actual: Items, expected: Items): void {
  // Not compared as a whole: a difference in five megabytes is nothing to print.
  const sorted = [...expected].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(actual.map(([key]) => key)).toEqual(sorted.map(([key]) => key));
  for (const [index, [key, value]] of sorted.entries()) {
    if (actual[index]?.[1] !== value) expect.fail(`another value of ${JSON.stringify(key)}`);
  }
}

async function newestLog(): Promise<string> {
  const dir = localStorageFolder(profile);
  const logs = (await readdir(dir)).filter((name) => name.endsWith('.log')).sort();
  return join(dir, logs.at(-1) ?? '');
}

async function contents(): Promise<Record<string, string>> {
  const dir = localStorageFolder(profile);
  const names = (await readdir(dir)).sort();
  const read = names.map(async (name) => {
    const { ino } = await stat(join(dir, name));
    return [name, `${ino} ${(await readFile(join(dir, name))).toString('base64')}`] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
