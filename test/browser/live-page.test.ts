import { once } from 'node:events';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import puppeteer, { type Page } from 'puppeteer-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { playwrightLivePage, puppeteerLivePage } from '../../src/browser/live-page.js';
import { livePageOf, putBackCookies, type WatchablePage } from '../../src/profile/devtools-page.js';
import { servePage } from '../profile/support/storage-browser.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

const executablePath = process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/bin/chromium';
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** What both libraries' pages can do. */
interface TestPage {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}

interface Opened {
  page: TestPage;
  live: WatchablePage;
}

async function openPuppeteer(): Promise<Opened & { page: Page }> {
  const browser = await puppeteer.launch({ executablePath, args, pipe: true });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  return { page, live: puppeteerLivePage(page) };
}

async function openPlaywright(): Promise<Opened> {
  const folder = join(await temporaryFolder(), 'profile');
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args,
    chromiumSandbox: false,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  return { page, live: playwrightLivePage(page) };
}

describe.each<[string, () => Promise<Opened>]>([
  ['Puppeteer', openPuppeteer],
  ['Playwright', openPlaywright],
])('a live page of %s', (_, open) => {
  it('gives all of its localStorage, sorted and to the letter, and the cookies', async () => {
    const { page, live } = await open();
    const url = await servePage();
    await page.goto(url);
    await page.evaluate(`
      localStorage.setItem('z', '');
      localStorage.setItem('', 'empty key');
      localStorage.setItem('\\ud800 lone', '\\udfff');
      localStorage.setItem('nul\\0', '\\0');
      localStorage.setItem('A', '日本');
      sessionStorage.setItem('of the tab', 'not of the profile');
      document.cookie = 'name=value; max-age=1000';
    `);
    expect(await live.readLiveValues()).toEqual({
      localStorage: [
        {
          origin: new URL(url).origin,
          items: [
            ['', 'empty key'],
            ['A', '日本'],
            ['nul\0', '\0'],
            ['z', ''],
            ['\ud800 lone', '\udfff'],
          ],
        },
      ],
      cookies: [expect.objectContaining({ name: 'name', value: 'value', domain: '127.0.0.1' })],
    });
  });

  it('tells each change of localStorage, also after a navigation, and of nothing else', async () => {
    const { page, live } = await open();
    const url = await servePage();
    const told = counter();
    const stop = await live.onChange(() => told.add());
    await page.goto(url);
    await page.evaluate(`
      sessionStorage.setItem('of the tab', '1');
      localStorage.setItem('a', '1');
      localStorage.setItem('a', '2');
      localStorage.removeItem('a');
      localStorage.setItem('b', '1');
      localStorage.clear();
    `);
    await told.until(5);
    await page.goto('about:blank');
    await page.goto(url);
    await page.evaluate("localStorage.setItem('later', '1')");
    await told.until(6);
    stop();
    await page.evaluate("localStorage.setItem('unheard', '1')");
    await live.readLiveValues();
    expect(told.count).toBe(6);
  });

  it('has no areas where there is no origin', async () => {
    const { page, live } = await open();
    for (const url of ['about:blank', 'data:text/html,text', 'chrome-error://chromewebdata/']) {
      await page.goto(url).catch(() => undefined);
      expect((await live.readLiveValues()).localStorage).toEqual([]);
    }
  });

  it('that is gone cannot be read: CAPTURE_FAILED', async () => {
    const { page, live } = await open();
    await live.readLiveValues();
    await page.close();
    await expect(live.readLiveValues()).rejects.toMatchObject({
      code: 'CAPTURE_FAILED',
      transient: true,
    });
    await live.close();
  });
});

describe('a live page', () => {
  it('can be let go, and lives on', async () => {
    const { page, live } = await openPuppeteer();
    await live.readLiveValues();
    await live.close();
    await live.close();
    expect(await page.evaluate('1 + 1')).toBe(2);
  });

  it('that navigates all the time can still be read', async () => {
    const { page, live } = await openPuppeteer();
    const urls = [await servePage(), await servePage()];
    const ending = { isOver: false };
    const navigating = (async () => {
      for (let n = 0; !ending.isOver; n++) await page.goto(urls[n % 2] as string);
    })();
    try {
      for (let n = 0; n < 20; n++) expect((await live.readLiveValues()).cookies).toEqual([]);
    } finally {
      ending.isOver = true;
      await navigating;
    }
  });

  it('of one that is told to be gone by its session rejects as well', async () => {
    const { page } = await openPuppeteer();
    const session = await page.createCDPSession();
    await session.detach();
    await expect(livePageOf(session).readLiveValues()).rejects.toMatchObject({
      code: 'CAPTURE_FAILED',
    });
  });
});

describe('cookies put back', () => {
  it('are as they were: persistent, of the session, of sites and of parts of them', async () => {
    const url = await servePage();
    const { page, live } = await openPuppeteer();
    await page.goto(url);
    await page.evaluate(`
      document.cookie = 'kept=1; max-age=100000; samesite=strict; path=/part';
      document.cookie = 'passing=2';
    `);
    const { cookies } = await live.readLiveValues();
    expect(cookies).toHaveLength(2);

    const other = await openPuppeteer();
    const session = await other.page.createCDPSession();
    await putBackCookies(session, [{ name: 'refused' }, ...cookies]);
    const byName = (a: { name?: unknown }, b: { name?: unknown }) =>
      String(a.name) < String(b.name) ? -1 : 1;
    const found = (await other.live.readLiveValues()).cookies;
    expect(found.sort(byName)).toEqual(cookies.sort(byName));
  });
});

function counter() {
  const events = new EventTarget();
  return {
    count: 0,
    add() {
      this.count += 1;
      events.dispatchEvent(new Event('more'));
    },
    async until(count: number) {
      while (this.count < count) await once(events, 'more');
    },
  };
}
