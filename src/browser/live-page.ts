import {
  type DevToolsSession,
  livePageOfOpening,
  type WatchablePage,
} from '../profile/devtools-page.js';

/** What is needed of a page of Puppeteer's. */
export interface PuppeteerPage {
  createCDPSession(): Promise<DevToolsSession>;
}

/** What is needed of a page of Playwright's, in Chromium. */
export interface PlaywrightPage {
  context(): { newCDPSession(page: never): Promise<DevToolsSession> };
}

/** A page of Puppeteer's, as a capture of its profile needs it. */
export function puppeteerLivePage(page: PuppeteerPage): WatchablePage {
  return livePageOfOpening(() => page.createCDPSession());
}

/** A page of Playwright's, as a capture of its profile needs it. */
export function playwrightLivePage(page: PlaywrightPage): WatchablePage {
  return livePageOfOpening(() => page.context().newCDPSession(page as never));
}
