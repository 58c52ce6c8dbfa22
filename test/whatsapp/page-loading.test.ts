import type { Browser, HTTPRequest, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WhatsAppPageOptions } from '../../src/whatsapp/whatsapp-page.js';
import { resetPage } from '../client/stand-in-page.js';
import { failureOf, type StandIn, startStandIn } from '../client/support.js';
import { launchOn, OpenedPage } from './opened-page.js';

let standIn: StandIn;
let browser: Browser;
let started: OpenedPage | undefined;

beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
  browser = await launchOn(standIn);
});
afterEach(async () => {
  resetPage(standIn);
  await standIn.setReachable(true);
  started?.whatsApp.close();
  await started?.page.browserContext().close();
  started = undefined;
});
afterAll(async () => {
  await browser.close();
  await standIn.close();
});

async function start(
  options: Partial<WhatsAppPageOptions> = {},
  prepare?: (page: Page) => unknown,
): Promise<OpenedPage> {
  started = await OpenedPage.start(await browser.createBrowserContext(), options, prepare);
  return started;
}

/** The page's attempts to load the document, as they come. */
function watchLoads(page: Page, onLoad: (count: number, request: HTTPRequest) => void): void {
  let count = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest()) onLoad(++count, request);
  });
}

async function isUsable(page: OpenedPage): Promise<void> {
  expect(await page.whatsApp.version()).toBe(standIn.page.version);
  await page.whatsApp.showQr();
  const { qr } = await page.until('qr');
  expect(qr).toMatch(/^2@/);
}

describe('booting', () => {
  test('takes as long as it takes, and is reported once', async () => {
    standIn.page.bootDelayMs = 1_500;
    const page = await start();
    expect(await page.whatsApp.state()).toBeNull();
    await page.opened;
    expect(page.of('attached')).toMatchObject([{ version: standIn.page.version, synced: false }]);
    await isUsable(page);
  });

  test('survives the page navigating by itself several times', async () => {
    standIn.page.navigationsDuringBoot = 4;
    const page = await start();
    await page.opened;
    expect(page.of('attached')).toHaveLength(1);
    await isUsable(page);
  });

  test('survives navigations at random instants, before and after the page has booted', async () => {
    let requests = 0;
    const page = await start({}, (created) => {
      created.on('request', () => requests++);
    });
    for (let round = 0; round < 8; round++) {
      // After so many more requests of the page: somewhere in its loading, or in its boot.
      const enough = requests + Math.floor(Math.random() * 20);
      while (requests < enough) {
        await page.page
          .waitForRequest(() => true, { timeout: 500 })
          .catch(() => (requests = enough));
      }
      await page.page.evaluate(() => location.reload()).catch(() => undefined);
    }
    await page.opened;
    await isUsable(page);
  });

  test('of a page that never boots is an AUTH_TIMEOUT that says so', async () => {
    standIn.page.bootDelayMs = 60_000;
    const page = await start({ patienceMs: 3_000 });
    const error = await failureOf(page.opened);
    expect(error).toMatchObject({ code: 'AUTH_TIMEOUT', transient: true });
    expect(error.message).toContain('did not boot within 3 s');
  });
});

describe('a page that cannot be reached', () => {
  test('is tried again until it can', async () => {
    await standIn.setReachable(false);
    let reachable: Promise<void> = Promise.resolve();
    const page = await start({}, (created) =>
      watchLoads(created, (count) => {
        if (count === 3) reachable = standIn.setReachable(true);
      }),
    );
    await page.opened;
    await reachable;
    expect(page.of('attached')).toHaveLength(1);
    await isUsable(page);
  });

  test('is given up when the time is over, with the network error that stood in the way', async () => {
    await standIn.setReachable(false);
    const error = await failureOf((await start({ patienceMs: 4_000 })).opened);
    expect(error).toMatchObject({ code: 'AUTH_TIMEOUT', transient: true });
    expect(error.message).toMatch(
      /could not be reached within 4 s \(net::ERR_CONNECTION_REFUSED.*authTimeoutMs/,
    );
  });

  test('because the server answers with an error is tried again too', async () => {
    const page = await start({}, async (created) => {
      await created.setRequestInterception(true);
      watchLoads(created, (count, request) => {
        if (count <= 2) void request.respond({ status: 503, body: 'Service Unavailable' });
      });
      created.on('request', (request) => {
        if (!request.isInterceptResolutionHandled()) void request.continue();
      });
    });
    await page.opened;
    await isUsable(page);
  });

  test('because the server goes on answering with an error is given up naming the status', async () => {
    const page = await start({ patienceMs: 3_000 }, async (created) => {
      await created.setRequestInterception(true);
      created.on('request', (request) => void request.respond({ status: 502 }));
    });
    const error = await failureOf(page.opened);
    expect(error.code).toBe('AUTH_TIMEOUT');
    expect(error.message).toContain('HTTP status 502');
  });
});

describe('a page that had booted', () => {
  test('and reloads is attached to again, and what is asked meanwhile is answered', async () => {
    const page = await start();
    await page.opened;
    const reload = page.page.evaluate(() => location.reload()).catch(() => undefined);
    const answers = Promise.all([
      page.whatsApp.version(),
      page.whatsApp.showQr(),
      page.whatsApp.version(),
    ]);
    await reload;
    expect(await answers).toMatchObject([standIn.page.version, undefined, standIn.page.version]);
    await page.until('attached', 2);
    await isUsable(page);
  });

  test('and ends in the browser’s error page is loaded again as soon as it can be', async () => {
    // So long that it is not for want of a boot that it is loaded again.
    const page = await start({ patienceMs: 600_000 });
    await page.opened;
    await standIn.setReachable(false);
    await page.page.reload().catch(() => undefined);
    // The error page takes the place of the other one, whose context then ends.
    await expect
      .poll(() => page.page.evaluate(() => location.protocol).catch(String), { timeout: 10_000 })
      .toBe('chrome-error:');
    const asked = page.whatsApp.version();
    await standIn.setReachable(true);
    await page.until('attached', 2);
    expect(await asked).toBe(standIn.page.version);
    await isUsable(page);
  });

  test('is left alone, however long ago it was loaded', async () => {
    const page = await start({ patienceMs: 3_000 });
    let navigations = 0;
    await page.opened;
    page.page.on('framenavigated', () => navigations++);
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(navigations).toBe(0);
    expect(page.of('attached')).toHaveLength(1);
  });

  test('and does not boot again is loaded again', async () => {
    const page = await start({ patienceMs: 3_000 });
    await page.opened;
    standIn.page.bootDelayMs = 60_000;
    await page.page.reload();
    resetPage(standIn);
    await page.until('attached', 2);
    await isUsable(page);
  });
});

test('close() while the page boots ends the wait, and leaves no listener behind', async () => {
  standIn.page.bootDelayMs = 60_000;
  const page = await start();
  await page.page.waitForResponse((response) => response.url().endsWith('/behaviour.json'));
  page.whatsApp.close();
  expect((await failureOf(page.opened)).code).toBe('BROWSER_CLOSED');
  expect(page.page.listenerCount('framenavigated')).toBe(0);
});

test('a page of another origin, and a frame, are not taken for WhatsApp Web', async () => {
  const page = await start();
  await page.opened;
  await page.page.evaluate(async () => {
    const frame = document.createElement('iframe');
    frame.src = '/';
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
    });
    document.body.append(frame);
    await loaded;
  });
  await page.page.waitForFunction(() => Object(window.frames[0]).Debug?.VERSION);
  // Ten times as long as it took to see the page itself boot.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await isUsable(page);
  expect(page.of('attached')).toHaveLength(1);
});
