import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import puppeteer from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { browserArgs } from '../standin/stand-in.js';
import { resetPage } from './stand-in-page.js';
import {
  CHROMIUM,
  type Client,
  failureOf,
  link,
  type StandIn,
  startClient,
  startStandIn,
  withFolder,
} from './support.js';

let standIn: StandIn;
let site: Site;
beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
  site = await startSite();
});
afterEach(() => resetPage(standIn));
afterAll(async () => {
  await standIn.close();
  site.server.close();
});

describe('the user agent', () => {
  const OWN = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36';

  test('is that of a browser with a window, everywhere, and automation does not show', async () => {
    const { client, initialized } = startClient(standIn);
    await initialized;
    const seen = await userAgents(client);
    expect(new Set(Object.values(seen))).toEqual(new Set([seen.page]));
    expect(seen.page).toMatch(/^Mozilla\/5\.0 \(X11; Linux x86_64\).* Chrome\/\d+\.0\.0\.0 Safari/);
    expect(await client.pupPage?.evaluate(() => navigator.webdriver)).toBe(false);
    const brands = await client.pupPage?.evaluate(() =>
      JSON.stringify(Object(navigator).userAgentData),
    );
    expect(brands).not.toContain('Headless');
    expect(brands).toContain('Chromium');
  });

  test('is the one given by the option, everywhere', async () => {
    const { client, initialized } = startClient(standIn, { userAgent: OWN });
    await initialized;
    const seen = await userAgents(client);
    expect(new Set(Object.values(seen))).toEqual(new Set([OWN]));
  });

  test('is left alone when the option is false', async () => {
    const { client, initialized } = startClient(standIn, { userAgent: false });
    await initialized;
    expect(await client.pupPage?.evaluate(() => navigator.userAgent)).toContain('Headless');
  });
});

describe('the page', () => {
  /** Runs a script that the stand-in's content security policy forbids. */
  const runForbidden = async (client: Client) =>
    client.pupPage?.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.forbiddenRan = true';
      document.head.append(script);
      return Object(window).forbiddenRan === true;
    });

  test('gets what evalOnNewDoc does before its own scripts, in every document', async () => {
    const { client, initialized } = startClient(standIn, {
      evalOnNewDoc: () => {
        const started = String(Object(window).Debug === undefined);
        document.addEventListener('readystatechange', () => {
          document.documentElement?.setAttribute('data-first', started);
        });
      },
    });
    await initialized;
    const read = () =>
      client.pupPage?.evaluate(() => document.documentElement.getAttribute('data-first'));
    expect(await read()).toBe('true');
    await client.pupPage?.reload();
    expect(await read()).toBe('true');
    expect(await runForbidden(client)).toBe(false);
  });

  test('runs scripts against its policy with bypassCSP, and evalOnNewDoc may be source text', async () => {
    const { client, initialized } = startClient(standIn, {
      bypassCSP: true,
      evalOnNewDoc: 'window.ownMark = 7',
    });
    await initialized;
    expect(await runForbidden(client)).toBe(true);
    expect(await client.pupPage?.evaluate(() => Object(window).ownMark)).toBe(7);
  });
});

describe('a browser that runs elsewhere', () => {
  test('is used by NoAuth without leaving anything in it, and lives on', async () => {
    await withFolder(async (userDataDir) => {
      const browser = await puppeteer.launch({
        executablePath: CHROMIUM,
        args: browserArgs(standIn),
        userDataDir,
      });
      try {
        const started = startClient(standIn, {
          puppeteer: { browserWSEndpoint: browser.wsEndpoint() },
        });
        const device = await link(standIn, started);
        expect(await started.client.pupPage?.evaluate(() => navigator.userAgent)).not.toContain(
          'Headless',
        );
        await started.client.destroy();
        await device.waitUntilDisconnected();
        expect(browser.connected).toBe(true);
        expect(browser.browserContexts()).toHaveLength(1);
        const [page, ...others] = await browser.pages();
        expect(others).toEqual([]);
        await page?.goto('https://web.whatsapp.com/');
        await page?.waitForFunction(() => Object(window).Debug?.VERSION);
        expect(await page?.evaluate(() => localStorage.getItem('last-wid-md'))).toBeNull();
      } finally {
        await browser.close();
      }
    });
  });

  test('that is not there is a BROWSER_LAUNCH_FAILED that names the address', async () => {
    const browserWSEndpoint = 'ws://127.0.0.1:9/devtools/browser/none';
    const { initialized } = startClient(standIn, { puppeteer: { browserWSEndpoint } });
    const error = await failureOf(initialized);
    expect(error).toMatchObject({ code: 'BROWSER_LAUNCH_FAILED', transient: true });
    expect(error.message).toContain(browserWSEndpoint);
  });
});

interface Site {
  server: Server;
  address: string;
  /** The User-Agent header of each request, by path. */
  headers: Map<string, string>;
}

/** A site of our own on a secure origin, since the stand-in's scripts do not tell what they see. */
async function startSite(): Promise<Site> {
  const headers = new Map<string, string>();
  const scripts: Record<string, string> = {
    '/worker.js': 'postMessage(navigator.userAgent)',
    '/service-worker.js':
      'onmessage = ({ source }) => source.postMessage(navigator.userAgent);\nonactivate = () => clients.claim()',
  };
  const server = createServer((request, response) => {
    const { url = '/' } = request;
    headers.set(url, request.headers['user-agent'] ?? '');
    const script = scripts[url];
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    response.end(script ?? '<title>site</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, address: `http://127.0.0.1:${port}/`, headers };
}

/** What sites see of this client's browser, in each of the places that can tell. */
async function userAgents(client: Client): Promise<Record<string, string | undefined>> {
  const page = await client.pupPage?.evaluate(() => navigator.userAgent);
  const other = await client.pupBrowser?.newPage();
  await other?.goto(site.address);
  const worker = await other?.evaluate(
    () =>
      new Promise<string>((resolve) => {
        new Worker('/worker.js').onmessage = ({ data }) => resolve(data);
      }),
  );
  const serviceWorker = await other?.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js');
    const { active } = await navigator.serviceWorker.ready;
    return new Promise<string>((resolve) => {
      navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
      active?.postMessage('who');
    });
  });
  return {
    page,
    worker,
    serviceWorker,
    otherPage: await other?.evaluate(() => navigator.userAgent),
    pageHeader: site.headers.get('/'),
    workerHeader: site.headers.get('/worker.js'),
    serviceWorkerHeader: site.headers.get('/service-worker.js'),
  };
}
