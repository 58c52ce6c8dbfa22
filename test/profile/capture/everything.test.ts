import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { puppeteerLivePage } from '../../../src/browser/live-page.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { putBackCookies } from '../../../src/profile/devtools-page.js';
import { ProfileSaver } from '../../../src/snapshot/profile-saver.js';
import { restoreSession } from '../../../src/snapshot/restore/restore-session.js';
import { findDatabase, flipLogByte, removeTable } from '../support/damage.js';
import { newestManifest } from '../support/newest-manifest.js';
import { StorageBrowser, servePage } from '../support/storage-browser.js';
import { EVERYTHING, fillZoo, readZoo, serveZoo } from '../support/storage-zoo.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { killBrowser, openPage, startBrowser } from '../support/zoo-browser.js';

const session = 'RemoteAuth-zoo';

/** A file of a LevelDB database. */
const DB = String.raw`(CURRENT|MANIFEST-\d+|\d+\.(log|ldb))`;

/** Written down once more, so that a change of the file set has to be meant. */
const CARRIED = [
  String.raw`IndexedDB/http_(localhost|127\.0\.0\.1)_\d+\.indexeddb\.blob/[\da-f]+/[\da-f]+/[\da-f]+`,
  String.raw`IndexedDB/http_(localhost|127\.0\.0\.1)_\d+\.indexeddb\.leveldb/${DB}`,
  `Local Storage/leveldb/${DB}`,
  '(Network/)?Cookies(-journal)?',
  `Service Worker/Database/${DB}`,
  'Service Worker/(CacheStorage|ScriptCache)/.+',
  String.raw`File System/(Origins|\d+/t/Paths)/${DB}`,
  String.raw`File System/\d+/t/(\.usage|\d+/\d+)`,
  'WebStorage/QuotaManager(-journal)?',
  String.raw`WebStorage/\d+/IndexedDB/indexeddb\.leveldb/${DB}`,
  String.raw`WebStorage/\d+/CacheStorage/.+`,
  String.raw`WebStorage/\d+/FileSystem/t/(Paths/${DB}|\.usage|\d+/\d+)`,
].map((path) => new RegExp(`^Default/${path}$`));

it('everything is captured while the browser runs, and is there on an empty disk', async () => {
  const folder = await temporaryFolder();
  const zoo = await serveZoo();
  onTestFinished(() => zoo.close());
  const userDataDir = join(folder, 'profile');
  await keepOldThings(userDataDir, zoo.origins);
  const browser = await startBrowser(userDataDir);
  for (const origin of zoo.origins) await fillZoo(await openPage(browser, origin));
  const page = await openPage(browser, zoo.origins[0]);
  await changeAtLast(page);
  const items = await itemsOf(page);
  const store = new MemoryObjects();
  const options = { store, session, encryptionKey: randomBytes(32) };
  const livePage = puppeteerLivePage(page);
  const saver = await ProfileSaver.open({ ...options, userDataDir, livePage });
  await saver.save();
  await killBrowser(browser);

  const targetDir = join(folder, 'restored');
  const { cookies } = await restoreSession({ ...options, targetDir });
  for (let opening = 1; opening <= 3; opening++) {
    const again = await startBrowser(targetDir);
    const first = await openPage(again, zoo.origins[0]);
    expect(await cookiesOf(first), 'from disk').toContain('old=1');
    await putBackCookies(await first.createCDPSession(), cookies);
    expect(await itemsOf(first), `opening ${opening}`).toEqual(items);
    for (const origin of zoo.origins) {
      const there = await openPage(again, origin);
      // Only the origin that the live page shows was asked for its localStorage; what another
      // origin has written in the last half minute is not on disk yet.
      const isShown = origin === zoo.origins[0];
      const wanted = EVERYTHING.filter((what) => isShown || what !== 'localStorage');
      const where = `opening ${opening} of ${origin}`;
      expect(await readZoo(there), where).toEqual(expect.arrayContaining(wanted));
      expect(await cookiesOf(there), where).toEqual(
        expect.arrayContaining(['old=1', 'kept=1', 'session=1']),
      );
      expect(await itemsOf(there), where).toContainEqual(['old', 'kept']);
    }
    if (opening === 3) {
      await zoo.close();
      for (const origin of zoo.origins) {
        const answer = await first.goto(`${origin}from-worker`);
        expect(await answer?.text(), `${origin} without its server`).toBe('the worker');
      }
    }
    await again.close();
  }

  const manifest = await newestManifest(options);
  const paths = [...manifest.files.keys()];
  expect(paths.filter((path) => !CARRIED.some((each) => each.test(path)))).toEqual([]);
  expect(CARRIED.filter((each) => !paths.some((path) => each.test(path)))).toEqual([]);
  // A large value and a Blob for each origin.
  expect(paths.filter((path) => /IndexedDB\/.*\.blob\//.test(path))).toHaveLength(4);
  expect(manifest).toMatchObject({ live: { state: 'included' }, leftOut: [] });
  expect(manifest.browserVersion).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
});

describe('a profile of which not all is whole', () => {
  it('is captured without what is damaged and holds no login, which is named', async () => {
    const folder = await temporaryFolder();
    const zoo = await serveZoo();
    onTestFinished(() => zoo.close());
    const userDataDir = join(folder, 'profile');
    const browser = await startBrowser(userDataDir);
    for (const origin of zoo.origins) await fillZoo(await openPage(browser, origin));
    await browser.close();
    await flipLogByte(await findDatabase(userDataDir, /Service Worker\/Database$/));
    const { options, saver } = await openSaver(userDataDir);
    await saver.save();
    expect((await newestManifest(options)).leftOut).toEqual(['Default/Service Worker/Database']);

    const targetDir = join(folder, 'restored');
    await restoreSession({ ...options, targetDir });
    const again = await startBrowser(targetDir);
    const page = await openPage(again, zoo.origins[0]);
    const wanted = EVERYTHING.filter((what) => what !== 'a service worker');
    expect(await readZoo(page)).toEqual(expect.arrayContaining(wanted));
    await fillZoo(page);
    await page.reload();
    expect(await readZoo(page), 'registered again').toEqual(EVERYTHING);
  });

  it.each([
    ['a table of IndexedDB is missing', /\.indexeddb\.leveldb$/, removeTable],
    ['a log of IndexedDB is damaged', /\.indexeddb\.leveldb$/, flipLogByte],
    ['Local Storage is damaged', /Local Storage\/leveldb$/, flipFirstRecord],
  ])('is not captured when %s; the snapshot before stands', async (_what, where, damage) => {
    const folder = await temporaryFolder();
    const userDataDir = join(folder, 'profile');
    const url = await servePage();
    const browser = await StorageBrowser.start(userDataDir, url);
    await browser.write(['entry']);
    // More than a memtable holds, so that there are tables and a log.
    await browser.keepWriting(400);
    await browser.close();
    const { store, options, saver } = await openSaver(userDataDir);
    await saver.save();
    const before = await contentOf(store);

    await damage(await findDatabase(userDataDir, where));
    await expect(saver.save()).rejects.toMatchObject({ code: 'CAPTURE_FAILED' });
    expect(await contentOf(store)).toEqual(before);
    const targetDir = join(folder, 'restored');
    expect(await restoreSession({ ...options, targetDir })).toMatchObject({ sequence: 1 });
    const restored = await StorageBrowser.start(targetDir, url);
    expect(await restored.names()).toEqual(['entry']);
    expect((await restored.items()).length).toBeGreaterThan(0);
  });
});

describe('a profile without a login to carry', () => {
  it('is refused in the SQLite layout, and nothing of it is put into the store', async () => {
    const userDataDir = await temporaryFolder();
    const zoo = await serveZoo();
    onTestFinished(() => zoo.close());
    const features = 'IdbSqliteBackingStore,IdbSqliteOnDiskRollout,DomStorageSqlite';
    const browser = await startBrowser(userDataDir, `--enable-features=${features}`);
    await fillZoo(await openPage(browser, zoo.origins[0]));
    const { store, saver } = await openSaver(userDataDir);
    const before = await contentOf(store);
    const refused = { code: 'PROFILE_LAYOUT_UNSUPPORTED' };
    await expect(saver.save(), 'while it runs').rejects.toMatchObject(refused);
    await browser.close();
    await expect(saver.save(), 'closed').rejects.toMatchObject(refused);
    expect(await contentOf(store)).toEqual(before);
  });

  it('is refused as empty where no browser was', async () => {
    const userDataDir = await temporaryFolder();
    const { store, saver } = await openSaver(userDataDir);
    const before = await contentOf(store);
    await expect(saver.save()).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
    await mkdir(join(userDataDir, 'Default'));
    await expect(saver.save()).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
    await rm(userDataDir, { recursive: true });
    await expect(saver.save()).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
    expect(await contentOf(store)).toEqual(before);
  });

  // Its Local Storage is a database, if one without entries. Those may be in memory still, so that
  // the disk alone cannot say that there are none.
  it('is captured where a browser was that has visited no page, and opens', async () => {
    const folder = await temporaryFolder();
    const userDataDir = join(folder, 'profile');
    const browser = await startBrowser(userDataDir);
    const { options, saver } = await openSaver(userDataDir);
    await browser.close();
    await saver.save();
    const targetDir = join(folder, 'restored');
    await restoreSession({ ...options, targetDir });
    const zoo = await serveZoo();
    onTestFinished(() => zoo.close());
    const page = await openPage(await startBrowser(targetDir), zoo.origins[0]);
    await fillZoo(page);
    await page.reload();
    expect(await readZoo(page)).toEqual(EVERYTHING);
  });
});

/** Local Storage has few records: the rest of them behind the first. */
async function flipFirstRecord(dir: string): Promise<void> {
  await flipLogByte(dir, 9);
}

async function openSaver(userDataDir: string) {
  const store = new MemoryObjects();
  const options = { store, session, encryptionKey: randomBytes(32) };
  return { store, options, saver: await ProfileSaver.open({ ...options, userDataDir }) };
}

/** Everything in a store, so that two looks show whether anything was put or removed. */
async function contentOf(store: MemoryObjects): Promise<Map<string, string>> {
  const content = new Map<string, string>();
  for await (const { key } of store.list('')) {
    const bytes = (await store.readCell(key))?.value ?? (await store.get(key));
    content.set(key, Buffer.from(bytes ?? []).toString('base64'));
  }
  return content;
}

/** Leaves things on disk that were there before the browser that is captured started. */
async function keepOldThings(userDataDir: string, origins: readonly string[]): Promise<void> {
  const browser = await startBrowser(userDataDir);
  for (const origin of origins) {
    const { hostname: domain } = new URL(origin);
    await browser.setCookie({ name: 'old', value: '1', domain, expires: Date.now() / 1000 + 1e5 });
    const page = await openPage(browser, origin);
    await page.evaluate(() => {
      localStorage.setItem('old', 'kept');
      localStorage.setItem('changed', 'before');
      localStorage.setItem('removed', 'before');
    });
  }
  await browser.close();
}

/** What the disk says otherwise at the time of the capture. */
async function changeAtLast(page: Page): Promise<void> {
  await page.evaluate(() => {
    localStorage.setItem('changed', 'after');
    localStorage.removeItem('removed');
    localStorage.setItem('last', String(Math.random()));
  });
}

async function itemsOf(page: Page): Promise<[string, string][]> {
  const items = await page.evaluate(() => Object.entries({ ...localStorage }));
  return items.sort(([a], [b]) => (a < b ? -1 : 1));
}

async function cookiesOf(page: Page): Promise<string[]> {
  return (await page.evaluate(() => document.cookie)).split('; ');
}
