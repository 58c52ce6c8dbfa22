import puppeteer, { type Browser, type ConnectOptions, type Page } from 'puppeteer-core';
import { HoldfastError } from '../errors.js';

/** A page of ours in a browser that somebody else runs. */
export interface ConnectedBrowser {
  browser: Browser;
  page: Page;
  /** Closes what we opened and lets go of the browser, which runs on. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens a page in a running browser.
 *
 * @param isolated true for a page that shares nothing with the browser's profile, and whose
 *   storage is gone when it closes
 * @throws {HoldfastError} BROWSER_LAUNCH_FAILED when there is no browser at the address
 */
export async function connectBrowser(
  options: ConnectOptions,
  isolated: boolean,
): Promise<ConnectedBrowser> {
  const address = options.browserWSEndpoint ?? options.browserURL;
  const browser = await puppeteer.connect(options).catch((cause: unknown) => {
    throw new HoldfastError(
      'BROWSER_LAUNCH_FAILED',
      `No browser could be reached at ${address}. Is it running with remote debugging on?`,
      { cause, transient: true },
    );
  });
  const context = isolated ? await browser.createBrowserContext() : null;
  const page = await (context ?? browser).newPage();
  let closed: Promise<void> | undefined;
  const close = async () => {
    // All fail only if the browser or the page is gone, which is what is wanted.
    await (context ? context.close() : closePage(page)).catch(() => undefined);
    await browser.disconnect().catch(() => undefined);
  };
  return { browser, page, close: () => (closed ??= close()) };
}

async function closePage(page: Page): Promise<void> {
  // A page that is told to close as it starts a navigation may never do so (Chromium 156).
  const session = await page.createCDPSession();
  await session.send('Page.stopLoading');
  await page.close();
}
