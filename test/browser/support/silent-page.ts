import type { Page } from 'puppeteer-core';
import type { PuppeteerPage } from '../../../src/browser/live-page.js';
import type { DevToolsSession } from '../../../src/profile/devtools-page.js';

/** A page that the test can keep from being told anything, as if this process were stopped. */
export class SilentPage implements PuppeteerPage {
  readonly #page: Page;
  #session: DevToolsSession | undefined;
  #silence: Promise<void> = Promise.resolve();
  #endSilence: () => void = () => undefined;
  #lastEvaluation: object = {};

  constructor(page: Page) {
    this.#page = page;
  }

  async createCDPSession(): Promise<DevToolsSession> {
    const session: DevToolsSession = await this.#page.createCDPSession();
    this.#session = session;
    return {
      send: async (method, params) => {
        if (method === 'Runtime.evaluate') {
          await this.#silence;
          this.#lastEvaluation = params ?? {};
        }
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

  /** Runs a script where the last one ran that was not ours. */
  async evaluateThere(expression: string): Promise<void> {
    await this.#session?.send('Runtime.evaluate', { ...this.#lastEvaluation, expression });
  }
}
