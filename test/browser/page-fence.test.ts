import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { launchBrowser } from '../../src/browser/launch-browser.js';
import { fencePage, type PageFence } from '../../src/browser/page-fence.js';
import { type Program, startProgram } from '../client/processes.js';
import { BUILD, CHROMIUM } from '../client/support.js';
import { SilentPage } from './support/silent-page.js';
import { VisitedSite } from './support/visited-site.js';

const LIMIT_MS = 800;

async function openPage(): Promise<Page> {
  const { browser, close } = await launchBrowser({
    puppeteer: { executablePath: CHROMIUM },
    userAgent: false,
  });
  onTestFinished(close);
  return browser.newPage();
}

interface Fenced {
  page: Page;
  silent: SilentPage;
  fence: PageFence;
  struck: StrikeCounter;
}

async function openFenced(): Promise<Fenced> {
  const page = await openPage();
  const silent = new SilentPage(page);
  const struck = new StrikeCounter();
  const fence = await fencePage(silent, { limitMs: LIMIT_MS, onFenced: () => struck.add() });
  onTestFinished(() => fence.stop());
  return { page, silent, fence, struck };
}

class StrikeCounter {
  count = 0;
  readonly #events = new EventEmitter();

  add(): void {
    this.count += 1;
    this.#events.emit('strike');
  }

  async until(count: number): Promise<void> {
    while (this.count < count) await once(this.#events, 'strike');
  }
}

/** Rejects when the document goes before this time is over. */
function livesFor(page: Page, ms: number): Promise<void> {
  return page.evaluate((time) => new Promise<void>((resolve) => setTimeout(resolve, time)), ms);
}

describe('a page that is fed', () => {
  test('stays, for many limits', async () => {
    const { page, struck } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    await livesFor(page, 6 * LIMIT_MS);
    expect(struck.count).toBe(0);
  });

  test('may navigate and reload, and is still fenced', async () => {
    const { page, silent, struck } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    await page.goto(site.urlElsewhere);
    await livesFor(page, 1.5 * LIMIT_MS);
    await page.reload();
    await page.evaluate(() => location.assign('#part'));
    await livesFor(page, 1.5 * LIMIT_MS);
    await page.goto('data:text/html,neither fenced nor blank');
    await livesFor(page, 1.5 * LIMIT_MS);
    await page.goto(site.url);
    await livesFor(page, 1.5 * LIMIT_MS);
    expect(struck.count).toBe(0);
    silent.silence();
    await struck.until(1);
    expect(page.url()).toBe('about:blank');
  });

  test('may navigate all the time', async () => {
    const { page, struck } = await openFenced();
    const site = await VisitedSite.start();
    const end = Date.now() + 3 * LIMIT_MS;
    for (let n = 0; Date.now() < end; n++) await page.goto(n % 2 ? site.url : site.urlElsewhere);
    await livesFor(page, 1.5 * LIMIT_MS);
    expect(struck.count).toBe(0);
  });

  test('may crash and be loaded again, and is still fed and fenced', async () => {
    const { page, silent, struck } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    const crashed = new Promise((resolve) => void page.once('error', resolve));
    page.goto('chrome://crash').catch(() => undefined);
    await crashed;
    await sleep(LIMIT_MS);
    await page.goto(site.url);
    await livesFor(page, 1.5 * LIMIT_MS);
    expect(struck.count).toBe(0);
    silent.silence();
    await struck.until(1);
  });

  test('is fenced too when it was open before', async () => {
    const page = await openPage();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    const visit = await site.nextVisit();
    const silent = new SilentPage(page);
    const struck = new StrikeCounter();
    await fencePage(silent, { limitMs: LIMIT_MS, onFenced: () => struck.add() });
    await livesFor(page, 1.5 * LIMIT_MS);
    silent.silence();
    await visit.left;
    await struck.until(1);
  });
});

describe('a page that is not fed', () => {
  test('goes, is told of once, and is fenced anew when it is opened again', async () => {
    const { page, silent, struck } = await openFenced();
    const site = await VisitedSite.start();
    for (const times of [1, 2]) {
      await page.goto(site.url);
      const visit = await site.nextVisit();
      silent.silence();
      await visit.left;
      silent.endSilence();
      await struck.until(times);
      await livesFor(page, LIMIT_MS);
      expect(page.url()).toBe('about:blank');
      expect(struck.count).toBe(times);
    }
  });

  test('goes without asking whether it may', async () => {
    const { page, silent } = await openFenced();
    const site = await VisitedSite.start(
      "addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = 'no'; });",
    );
    await page.goto(site.url);
    const visit = await site.nextVisit();
    await page.mouse.click(10, 10);
    silent.silence();
    await visit.left;
  });

  test('goes after the program and its machine were suspended, when only the clock went on', async () => {
    const { page, struck } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    const visit = await site.nextVisit();
    const later = Date.now() + 1e6;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => later);
    await visit.left.finally(() => clock.mockRestore());
    await struck.until(1);
  });
});

describe('a page that stands still itself', () => {
  test('stays when it is at work for longer than the limit', async () => {
    const { page, struck } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    for (let times = 0; times < 2; times++) {
      await page.evaluate((ms) => {
        const end = performance.now() + ms;
        while (performance.now() < end);
      }, 2.5 * LIMIT_MS);
      await livesFor(page, LIMIT_MS);
    }
    expect(struck.count).toBe(0);
    expect(page.url()).toBe(site.url);
  });

  test('stays when it was frozen', async () => {
    const { page, struck } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    const session = await page.createCDPSession();
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await sleep(2 * LIMIT_MS);
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await livesFor(page, 2 * LIMIT_MS);
    expect(struck.count).toBe(0);
  });

  test('goes when nobody feeds it afterwards', async () => {
    const { page, silent } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    const visit = await site.nextVisit();
    silent.silence();
    page
      .evaluate((ms) => {
        const end = performance.now() + ms;
        while (performance.now() < end);
      }, 2 * LIMIT_MS)
      .catch(() => undefined);
    await visit.left;
  });
});

describe('a fence that is stopped', () => {
  test('leaves the page alone, and those that come after it', async () => {
    const { page, fence, struck } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    await fence.stop();
    await livesFor(page, 2 * LIMIT_MS);
    await page.reload();
    await livesFor(page, 2 * LIMIT_MS);
    await page.goto('about:blank');
    expect(struck.count).toBe(0);
  });

  test('while the page navigates leaves it alone as well', async () => {
    const { page, fence } = await openFenced();
    const site = await VisitedSite.start();
    await page.goto(site.url);
    const navigated = page.goto(site.urlElsewhere);
    await fence.stop();
    await navigated;
    await livesFor(page, 2 * LIMIT_MS);
  });

  test('is so at once when the page is gone, and soon when it has crashed', async () => {
    const closed = await openFenced();
    await closed.page.close();
    await closed.fence.stop();
    await closed.fence.stop();

    const { page, fence } = await openFenced();
    const crashed = new Promise((resolve) => void page.once('error', resolve));
    page.goto('chrome://crash').catch(() => undefined);
    await crashed;
    await fence.stop();
  });
});

test("the page's own scripts do not see the fence", async () => {
  const page = await openPage();
  const site = await VisitedSite.start(`
    addEventListener('load', () => {
      globalThis.seen = [...Object.getOwnPropertyNames(globalThis), ...Object.keys(document)];
    });
  `);
  const seen = async () => {
    await page.goto(site.url);
    return page.evaluate('seen') as Promise<string[]>;
  };
  const without = await seen();
  const fence = await fencePage(page, { limitMs: LIMIT_MS, onFenced: () => undefined });
  expect(await seen()).toEqual(without);
  await livesFor(page, LIMIT_MS);
  expect(await page.evaluate('Object.getOwnPropertyNames(globalThis)')).not.toContain(
    'holdfastFence',
  );
  await fence.stop();
});

describe('a page whose program is stopped', () => {
  const module = (name: string) => JSON.stringify(path.join(BUILD, 'browser', name));
  const script = (url: string) => `
    const { launchBrowser } = require(${module('launch-browser.js')});
    const { fencePage } = require(${module('page-fence.js')});
    const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
    const executablePath = ${JSON.stringify(CHROMIUM)};
    launchBrowser({ puppeteer: { executablePath }, userAgent: false }).then(async (launched) => {
      process.on('SIGTERM', () => launched.close().then(() => process.exit()));
      const page = await launched.browser.newPage();
      await fencePage(page, { limitMs: ${LIMIT_MS}, onFenced: () => say('fenced', page.url()) });
      await page.goto(${JSON.stringify(url)});
      say('open', launched.browser.process().pid);
    });
  `;

  async function start(site: VisitedSite): Promise<{ program: Program; group: number }> {
    const program = startProgram(script(site.url));
    const group = await program.until<number>('open');
    onTestFinished(async () => {
      process.kill(-group, 'SIGCONT');
      program.kill('SIGCONT');
      program.kill('SIGTERM');
      await program.exited;
    });
    return { program, group };
  }

  test('goes by itself, which the program is told when it goes on', async () => {
    const site = await VisitedSite.start();
    const { program } = await start(site);
    const visit = await site.nextVisit();
    program.kill('SIGSTOP');
    await visit.left;
    expect(program.names()).toEqual(['open']);
    program.kill('SIGCONT');
    expect(await program.until('fenced')).toBe('about:blank');
  });

  test('goes when it was stopped together with the browser, whoever goes on first', async () => {
    for (const isProgramFirst of [true, false]) {
      const site = await VisitedSite.start();
      const { program, group } = await start(site);
      const visit = await site.nextVisit();
      const both = isProgramFirst ? [program.pid, -group] : [-group, program.pid];
      for (const pid of both) process.kill(pid, 'SIGSTOP');
      await sleep(2 * LIMIT_MS);
      expect(program.names()).toEqual(['open']);
      for (const pid of both) process.kill(pid, 'SIGCONT');
      await visit.left;
      await program.until('fenced');
    }
  });
});
