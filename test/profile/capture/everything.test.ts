import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { puppeteerLivePage } from '../../../src/browser/live-page.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { ProfileCapturer } from '../../../src/profile/capture/profile-capturer.js';
import { putBackCookies } from '../../../src/profile/devtools-page.js';
import { isCarried } from '../../../src/profile/file-set.js';
import { openSession } from '../../../src/snapshot/open-session.js';
import { ProfileSaver } from '../../../src/snapshot/profile-saver.js';
import { readManifest } from '../../../src/snapshot/read-manifest.js';
import { restoreSession } from '../../../src/snapshot/restore/restore-session.js';
import { EVERYTHING, fillZoo, readZoo, serveZoo } from '../support/storage-zoo.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const session = 'RemoteAuth-zoo';
const encryptionKey = randomBytes(32);

async function start(userDataDir: string, ...args: string[]): Promise<Browser> {
  const browser = await puppeteer.launch({
    executablePath: process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/bin/chromium',
    userDataDir,
    pipe: true,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args],
  });
  onTestFinished(() => browser.close());
  return browser;
}

async function open(browser: Browser, url: string) {
  const [page = await browser.newPage()] = await browser.pages();
  await page.goto(url);
  return page;
}

async function kill(browser: Browser): Promise<void> {
  const main = browser.process();
  if (main?.pid === undefined) throw new Error('the browser has no process');
  const exited = new Promise((resolve) => main.once('exit', resolve));
  process.kill(-main.pid, 'SIGKILL');
  await exited;
}

describe('a profile with everything in it', () => {
  it('is captured while the browser runs, and all of it is there on an empty disk', async () => {
    const folder = await temporaryFolder();
    const zoo = await serveZoo();
    onTestFinished(() => zoo.close());
    const userDataDir = join(folder, 'profile');
    const browser = await start(userDataDir);
    for (const origin of zoo.origins) await fillZoo(await open(browser, origin));
    const page = await open(browser, zoo.origins[0]);
    const store = new MemoryObjects();
    const livePage = puppeteerLivePage(page);
    const options = { store, session, encryptionKey };
    const saver = await ProfileSaver.open({ ...options, userDataDir, livePage });
    await saver.save();
    await kill(browser);

    const targetDir = join(folder, 'restored');
    const { cookies } = await restoreSession({ ...options, targetDir });
    for (let opening = 1; opening <= 3; opening++) {
      const again = await start(targetDir);
      if (opening === 1) {
        const blank = await open(again, 'about:blank');
        await putBackCookies(await blank.createCDPSession(), cookies);
      }
      for (const origin of zoo.origins) {
        const found = await readZoo(await open(again, origin));
        // Only the origin that the live page shows was asked for its localStorage; what another
        // origin has written in the last half minute is not on disk yet.
        const isShown = origin === zoo.origins[0];
        const wanted = EVERYTHING.filter((what) => isShown || what !== 'localStorage');
        expect(found, `opening ${opening} of ${origin}`).toEqual(expect.arrayContaining(wanted));
      }
      await again.close();
    }

    const { head, reader } = await openSession(options);
    const last = head.snapshots.at(-1);
    if (!last) throw new Error('no snapshot');
    const { manifest } = await readManifest(reader, last.manifest);
    const paths = [...manifest.files.keys()];
    expect(paths.filter((path) => !isCarried(path))).toEqual([]);
    expect(
      paths.filter((path) => /Singleton|LOCK$|LOG|Preferences|History|GPU/.test(path)),
    ).toEqual([]);
    expect(manifest).toMatchObject({ live: { state: 'included' }, leftOut: [] });
    expect(manifest.browserVersion).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it('is captured without what is damaged and holds no login, which is named', async () => {
    const { userDataDir, folder, zoo } = await closedZoo();
    await damageLog(join(userDataDir, 'Default/Service Worker/Database'));
    const store = new MemoryObjects();
    const saver = await ProfileSaver.open({ store, session, userDataDir });
    await saver.save();
    const targetDir = join(folder, 'restored');
    await restoreSession({ store, session, targetDir });
    const found = await readZoo(await open(await start(targetDir), zoo.origins[0]));
    expect(found).toEqual(
      expect.arrayContaining(['a key that decrypts', 'localStorage', 'a blob']),
    );
    const { head, reader } = await openSession({ store, session });
    const last = head.snapshots.at(-1);
    if (!last) throw new Error('no snapshot');
    const { manifest } = await readManifest(reader, last.manifest);
    expect(manifest.leftOut).toEqual(['Default/Service Worker/Database']);
  });

  it.each([
    ['a table or log of IndexedDB is damaged', /IndexedDB\/.*leveldb$/],
    ['the Local Storage database is damaged', /Local Storage\/leveldb$/],
  ])('is not captured when %s; the snapshot before stands', async (_what, where) => {
    const { userDataDir, folder, zoo } = await closedZoo();
    const store = new MemoryObjects();
    const saver = await ProfileSaver.open({ store, session, userDataDir });
    await saver.save();
    const dirs = await readdir(join(userDataDir, 'Default'), { recursive: true });
    const dir = dirs.find((each) => where.test(each.replaceAll('\\', '/')));
    await damageLog(join(userDataDir, 'Default', dir ?? ''));
    await expect(saver.save()).rejects.toMatchObject({ code: 'CAPTURE_FAILED' });
    const targetDir = join(folder, 'restored');
    expect(await restoreSession({ store, session, targetDir })).toMatchObject({ sequence: 1 });
    const found = await readZoo(await open(await start(targetDir), zoo.origins[0]));
    expect(found).toEqual(expect.arrayContaining(['a key that decrypts', 'localStorage']));
  });
});

it('a profile in the SQLite layout is refused, and nothing of it is saved', async () => {
  const folder = await temporaryFolder();
  const zoo = await serveZoo();
  onTestFinished(() => zoo.close());
  const features = 'IdbSqliteBackingStore,IdbSqliteOnDiskRollout,DomStorageSqlite';
  const browser = await start(folder, `--enable-features=${features}`);
  await fillZoo(await open(browser, zoo.origins[0]));
  await browser.close();
  const capture = new ProfileCapturer(folder).capture();
  await expect(capture).rejects.toMatchObject({ code: 'PROFILE_LAYOUT_UNSUPPORTED' });
});

it('a folder without a profile is refused as empty', async () => {
  const folder = await temporaryFolder();
  const capture = () => new ProfileCapturer(folder).capture();
  await expect(capture()).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
  await mkdir(join(folder, 'Default'));
  await expect(capture()).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
  await rm(folder, { recursive: true });
  await expect(capture()).rejects.toMatchObject({ code: 'PROFILE_EMPTY' });
});

/** A filled profile whose browser was closed properly. */
async function closedZoo() {
  const folder = await temporaryFolder();
  const zoo = await serveZoo();
  onTestFinished(() => zoo.close());
  const userDataDir = join(folder, 'profile');
  const browser = await start(userDataDir);
  await fillZoo(await open(browser, zoo.origins[0]));
  await browser.close();
  return { folder, userDataDir, zoo };
}

/** Turns over a byte of the first record of a database's newest log, with others behind it. */
async function damageLog(dir: string): Promise<void> {
  const logs = (await readdir(dir)).filter((name) => name.endsWith('.log')).sort();
  const file = join(dir, logs.at(-1) ?? '');
  const bytes = await readFile(file);
  bytes[9] = (bytes[9] ?? 0) ^ 0xff;
  await writeFile(file, bytes);
}
