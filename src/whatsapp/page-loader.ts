import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Page } from 'puppeteer-core';

export const WHATSAPP_ORIGIN = 'https://web.whatsapp.com';
export const WHATSAPP_ADDRESS = `${WHATSAPP_ORIGIN}/`;
const REFERER = 'https://whatsapp.com/';
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

/**
 * Keeps WhatsApp's page loaded: retries with growing pauses while it cannot be reached, and loads
 * it again when it ended in the browser's error page or did not boot. The page's own navigations
 * are left alone.
 */
export class PageLoader {
  /** Why the page is not there, as far as known. */
  lastError: unknown = null;
  /** Resolves some time after `stop()`, when a load that was under way has ended with the page. */
  stopped: Promise<void> = Promise.resolve();
  readonly #page: Page;
  readonly #bootPatienceMs: number;
  readonly #isBooted: () => Promise<boolean>;
  readonly #closed = new AbortController();
  #bootTimer: NodeJS.Timeout | undefined;
  #reportTrouble: () => void = () => undefined;

  constructor(page: Page, bootPatienceMs: number, isBooted: () => Promise<boolean>) {
    this.#page = page;
    this.#bootPatienceMs = bootPatienceMs;
    this.#isBooted = isBooted;
  }

  /** Starts loading; `onLoaded` is told each time the page has come. */
  start(onLoaded: () => void): void {
    this.#page.on('framenavigated', this.#onNavigated);
    // Every failure in it is an answer to go on with.
    this.stopped = this.#keepLoaded(onLoaded);
  }

  stop(): void {
    this.#closed.abort();
    clearTimeout(this.#bootTimer);
    this.#page.off('framenavigated', this.#onNavigated);
    this.#reportTrouble();
  }

  /** To be told when the page has booted: until the next navigation nothing is expected then. */
  booted(): void {
    clearTimeout(this.#bootTimer);
  }

  async #keepLoaded(onLoaded: () => void): Promise<void> {
    let pause = FIRST_RETRY_MS;
    while (!this.#closed.signal.aborted) {
      if (await this.#load()) {
        pause = FIRST_RETRY_MS;
        onLoaded();
        await this.#nextTrouble();
      }
      await sleep(pause, undefined, { signal: this.#closed.signal }).catch(() => undefined);
      pause = Math.min(2 * pause, LAST_RETRY_MS);
    }
  }

  #nextTrouble(): Promise<void> {
    if (this.#closed.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#reportTrouble = resolve;
    });
  }

  async #load(): Promise<boolean> {
    try {
      const response = await this.#page.goto(WHATSAPP_ADDRESS, {
        waitUntil: 'domcontentloaded',
        timeout: this.#bootPatienceMs,
        referer: REFERER,
      });
      const status = response?.status() ?? 200;
      if (status < 400) return true;
      this.lastError = new Error(`${WHATSAPP_ADDRESS} answered with HTTP status ${status}`);
      return false;
    } catch (error) {
      // The page went elsewhere before our navigation was through: it is there all the same.
      if (/ERR_ABORTED|detached/.test(String(error)) && this.#isThere()) return true;
      this.lastError = error;
      return false;
    }
  }

  #isThere(): boolean {
    return this.#page.url().startsWith(WHATSAPP_ADDRESS);
  }

  readonly #onNavigated = (frame: Frame): void => {
    if (frame !== this.#page.mainFrame()) return;
    clearTimeout(this.#bootTimer);
    if (frame.url().startsWith('chrome-error:')) this.#reportTrouble();
    else this.#bootTimer = setTimeout(() => void this.#checkBoot(), this.#bootPatienceMs);
  };

  async #checkBoot(): Promise<void> {
    // Puppeteer may tell of a navigation after the document has said that it has booted.
    if (!(await this.#isBooted())) this.#reportTrouble();
  }
}
