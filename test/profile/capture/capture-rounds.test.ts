import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { puppeteerLivePage } from '../../../src/browser/live-page.js';
import { ProfileCapturer } from '../../../src/profile/capture/profile-capturer.js';
import { nodeFiles } from '../../../src/profile/capture/profile-files.js';
import { checkDatabase } from '../../../src/profile/leveldb/check-database.js';
import { listStorageDatabases } from '../../../src/profile/storage-databases.js';
import { ProfileSaver } from '../../../src/snapshot/profile-saver.js';
import { restoreSession } from '../../../src/snapshot/restore/restore-session.js';
import { FileStore } from '../../../src/stores/file-store.js';
import {
  RING,
  readRing,
  setRate,
  startWriting,
  untilWritten,
  written,
} from '../support/busy-page.js';
import { servePage } from '../support/storage-browser.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** `npm run test:captures` sets the full count. */
const ROUNDS = Number(process.env.HOLDFAST_CAPTURE_ROUNDS ?? 20);
/** Captured one after the other at full speed, and then opened. */
const AT_ONCE = 10;
const OPENINGS = 3;
const BYTES_PER_SECOND = 12_000_000;
const ROUND_MS = 30_000;

const session = 'RemoteAuth-busy';

it(
  `captures a browser that writes 12 MB/s ${ROUNDS} times; each opens three times, whole`,
  async () => {
    const folder = await temporaryFolder();
    const url = await servePage();
    const userDataDir = join(folder, 'busy');
    const { page } = await startBrowser(userDataDir, url);
    const encryptionKey = randomBytes(32);
    const store = new FileStore({ path: join(folder, 'store') });
    const livePage = puppeteerLivePage(page);
    const retention = { snapshots: 6 * AT_ONCE, budget: 100 };
    const saver = await ProfileSaver.open({
      store,
      session,
      userDataDir,
      livePage,
      encryptionKey,
      retention,
    });
    await startWriting(page);
    await setRate(page, BYTES_PER_SECOND);
    await untilWritten(page, RING + 1000);

    const delays: { p99: number; max: number }[] = [];
    const captures = watchCaptures();
    const tries: number[] = [];
    const times: number[] = [];
    const rates: number[] = [];
    const bad: string[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      await setRate(page, BYTES_PER_SECOND);
      await untilWritten(page, (await written(page)) + 200);
      // A new one each time: one that was off for a while takes that for a delay.
      const delay = monitorEventLoopDelay({ resolution: 2 });
      delay.enable();
      const captured: { sequence: number; before: number; after: number }[] = [];
      const since = { at: performance.now(), count: await written(page) };
      while (captured.length < Math.min(AT_ONCE, ROUNDS - round)) {
        const before = await written(page);
        const started = performance.now();
        const saved = await saver.save();
        times.push(performance.now() - started);
        tries.push(captures.takeTries());
        if (!saved) throw new Error('the page writes, but nothing had changed');
        const after = await written(page);
        captured.push({ sequence: saved.sequence, before, after });
        await untilWritten(page, after + 100);
      }
      delay.disable();
      delays.push({ p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 });
      const seconds = (performance.now() - since.at) / 1000;
      rates.push((((await written(page)) - since.count) * 16384) / seconds / 1e6);
      await setRate(page, 0);

      for (const { sequence, before, after } of captured) {
        const targetDir = join(folder, 'restored');
        const options = { store, session, encryptionKey, targetDir, snapshot: sequence };
        await restoreSession(options);
        for (const problem of await problemsOf(targetDir, url, before, after)) {
          bad.push(`snapshot ${sequence}: ${problem}`);
        }
        await rm(targetDir, { recursive: true });
      }
    }
    report({ saves: times, captures: captures.times, tries, rates, delays });
    expect(bad).toEqual([]);
    expect((await readdir(userDataDir)).filter((name) => name.startsWith('holdfast-'))).toEqual([]);
  },
  ROUNDS * ROUND_MS + 120_000,
);

async function problemsOf(
  userDataDir: string,
  url: string,
  before: number,
  after: number,
): Promise<string[]> {
  for (const { dir } of await listStorageDatabases(userDataDir)) {
    const check = await checkDatabase(dir, { deep: true });
    if (check.state !== 'ok') return [`${dir}: ${JSON.stringify(check)}`];
  }
  const problems: string[] = [];
  for (let opening = 1; opening <= OPENINGS; opening++) {
    const { browser, page } = await startBrowser(userDataDir, url);
    page.on('pageerror', (error) => problems.push(`opening ${opening}: ${String(error)}`));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`opening ${opening}: ${message.text()}`);
    });
    const ring = await readRing(page);
    problems.push(...ring.problems.map((problem) => `opening ${opening}: ${problem}`));
    // Some may have been under way while it was captured; none that was done before may be missing.
    if (ring.newest < before || ring.newest > after + 64) {
      problems.push(`opening ${opening}: at ${ring.newest}, captured from ${before} to ${after}`);
    }
    await browser.close();
  }
  return problems;
}

async function startBrowser(
  userDataDir: string,
  url: string,
): Promise<{ browser: Browser; page: Page }> {
  const browser = await puppeteer.launch({
    executablePath: process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/bin/chromium',
    userDataDir,
    pipe: true,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  onTestFinished(() => browser.close());
  const [page = await browser.newPage()] = await browser.pages();
  await page.goto(url);
  return { browser, page };
}

/** How long captures take, without what is sent of them, and how often a database was tried. */
function watchCaptures() {
  const times: number[] = [];
  const manifests = new Map<string, number>();
  const { capture } = ProfileCapturer.prototype;
  vi.spyOn(ProfileCapturer.prototype, 'capture').mockImplementation(async function (
    this: ProfileCapturer,
    ...args
  ) {
    const started = performance.now();
    const profile = await capture.apply(this, args);
    times.push(performance.now() - started);
    return profile;
  });
  // Each try of a database opens its MANIFEST once.
  const { open } = nodeFiles;
  vi.spyOn(nodeFiles, 'open').mockImplementation((path, ...args) => {
    const file = String(path);
    if (/MANIFEST-\d+$/.test(file)) manifests.set(file, (manifests.get(file) ?? 0) + 1);
    return open(path, ...args);
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const takeTries = () => {
    const most = Math.max(0, ...manifests.values());
    manifests.clear();
    return most;
  };
  return { times, takeTries };
}

interface Figures {
  saves: number[];
  captures: number[];
  /** The most that one database was tried in a save, a round for live values that moved included. */
  tries: number[];
  rates: number[];
  delays: { p99: number; max: number }[];
}

/** Said, not asserted: how long things take depends on the machine. */
function report({ saves, captures, tries, rates, delays }: Figures): void {
  const rate = rates.reduce((sum, each) => sum + each, 0) / rates.length;
  const p99s = delays.map(({ p99 }) => p99).sort((a, b) => a - b);
  const longest = Math.max(...delays.map(({ max }) => max));
  const again = tries.filter((count) => count > 1).length;
  process.stdout.write(
    `${saves.length} captures at ${rate.toFixed(1)} MB/s\n` +
      `  capture ${spread(captures)}; with save ${spread(saves)}\n` +
      `  tried again in ${again}, at most ${Math.max(...tries)} times\n` +
      `  event-loop delay of ${AT_ONCE} captures: p99 ${p99s[Math.floor(p99s.length / 2)]?.toFixed(1)} ms ` +
      `(worst ten: ${p99s.at(-1)?.toFixed(1)} ms), max ${longest.toFixed(0)} ms\n`,
  );
}

function spread(times: number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`;
}
