import type { Browser } from 'puppeteer-core';

/**
 * To be called for a browser driven over a pipe. Puppeteer stops listening for the errors of its
 * pipes before they are closed, and one that comes then (ECONNRESET, of a command that the browser
 * has not read before its end) would end this process.
 */
export function quietPipes(browser: Browser): void {
  for (const stream of browser.process()?.stdio ?? []) stream?.on('error', () => undefined);
}
