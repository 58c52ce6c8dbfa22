import type { Page } from 'puppeteer-core';
import type { PuppeteerPage } from '../../../src/browser/live-page.js';
import type { DevToolsSession } from '../../../src/profile/devtools-page.js';

/** A page that the test can keep from being told anything, as if this process were stopped. */
export class SilentPage implements PuppeteerPage {
  readonly #page: Page;
  #silence: Promise<void> = Promise.resolve();
  #endSilence: () => void = () => undefined;

  constructor(page: Page) {
    this.#page = page;
  }

  async createCDPSession(): Promise<DevToolsSession> {
    const session: DevToolsSession = await this.#page.createCDPSession();
    return {
      send: async (method, params) => {
        if (method === 'Runtime.evaluate') await this.#silence;
        return session.send(method, params);
      },
      on: (event, listener) => session.on(event, listener),
      off: (event, listener) => session.off(event, listener),
      detach: () => session.detach(),
    };
  }

  silence(): void {
    this.#silence = new Promise((resolve) => {
      this.#endSilence = resolve;
    });
  }

  endSilence(): void {
    this.#endSilence();
  }
}
