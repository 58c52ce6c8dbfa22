import type { Browser, Page } from 'puppeteer-core';
import { connectBrowser } from '../browser/connect-browser.js';
import { launchBrowser } from '../browser/launch-browser.js';
import { withoutHeadlessMark } from '../browser/user-agent.js';
import { HoldfastError } from '../errors.js';
import type { PageEvent } from '../whatsapp/page-events.js';
import { WhatsAppPage } from '../whatsapp/whatsapp-page.js';
import type { DisconnectReason } from './client-events.js';
import type { ResolvedOptions } from './options.js';

/** How a browser can go away by itself. */
export type LossReason = Extract<
  DisconnectReason,
  'BROWSER_CLOSED' | 'PAGE_CLOSED' | 'PAGE_CRASHED'
>;

export interface BrowserSessionEvents {
  onEvent(event: PageEvent): void;
  onLost(reason: LossReason): void;
}

/** One browser with WhatsApp Web in it, from its start to its end. */
export class BrowserSession {
  readonly #options: ResolvedOptions;
  readonly #events: BrowserSessionEvents;
  #opening: Promise<unknown> | null = null;
  #closeBrowser: (() => Promise<void>) | null = null;
  #closing: Promise<void> | null = null;
  #whatsApp: WhatsAppPage | null = null;
  browser: Browser | null = null;
  page: Page | null = null;

  constructor(options: ResolvedOptions, events: BrowserSessionEvents) {
    this.#options = options;
    this.#events = events;
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** The page's surface. @throws {HoldfastError} NOT_INITIALIZED before `openWhatsApp()` */
  get whatsApp(): WhatsAppPage {
    if (this.#whatsApp !== null) return this.#whatsApp;
    throw new HoldfastError('NOT_INITIALIZED', 'The browser is not up yet.');
  }

  /** Starts the browser, or connects to one. */
  async openBrowser(isEphemeral: boolean): Promise<void> {
    const { puppeteer } = this.#options;
    const isElsewhere = Boolean(puppeteer.browserWSEndpoint ?? puppeteer.browserURL);
    const opening = isElsewhere ? this.#connect(isEphemeral) : this.#launch();
    this.#opening = opening.catch(() => undefined);
    await opening;
  }

  /**
   * Opens WhatsApp Web in the browser; resolves when the page has booted. `onOpening` is told of
   * the page before anything can happen in it.
   */
  async openWhatsApp(onOpening: (page: WhatsAppPage) => void): Promise<void> {
    const page = this.page as Page;
    const { proxyAuthentication, bypassCSP, evalOnNewDoc } = this.#options;
    if (proxyAuthentication) await page.authenticate(proxyAuthentication);
    if (bypassCSP) await page.setBypassCSP(true);
    if (evalOnNewDoc) await page.evaluateOnNewDocument(evalOnNewDoc as () => unknown);
    await this.#settleUserAgent(page);
    this.#throwIfClosing();
    const { authTimeoutMs, deviceName, browserName } = this.#options;
    this.#whatsApp = new WhatsAppPage(page, {
      patienceMs: authTimeoutMs,
      deviceName,
      browserName,
      onEvent: this.#events.onEvent,
    });
    onOpening(this.#whatsApp);
    await this.#whatsApp.open();
  }

  /** Closes everything; may be called at any time and again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#whatsApp?.close();
    // A launch cannot be called off, only waited for.
    await this.#opening;
    await this.#closeBrowser?.();
    await this.#whatsApp?.ended;
  }

  async #launch(): Promise<void> {
    const { puppeteer, userAgent } = this.#options;
    const { browser, close } = await launchBrowser({ puppeteer, userAgent });
    this.#closeBrowser = close;
    const [page = await browser.newPage()] = await browser.pages();
    this.#watch(browser, page);
  }

  async #connect(isEphemeral: boolean): Promise<void> {
    const { browser, page, close } = await connectBrowser(this.#options.puppeteer, isEphemeral);
    this.#closeBrowser = close;
    this.#watch(browser, page);
  }

  #watch(browser: Browser, page: Page): void {
    this.browser = browser;
    this.page = page;
    const lose = (reason: LossReason) => {
      if (!this.isClosing) this.#events.onLost(reason);
    };
    browser.once('disconnected', () => lose('BROWSER_CLOSED'));
    page.once('error', () => lose('PAGE_CRASHED'));
    page.once('close', () => {
      // A browser that ends closes its pages first: then that is the reason.
      setImmediate(() => lose(browser.connected ? 'PAGE_CLOSED' : 'BROWSER_CLOSED'));
    });
  }

  /** The user agent is a launch argument; this serves browsers that we could not give one. */
  async #settleUserAgent(page: Page): Promise<void> {
    const { userAgent } = this.#options;
    if (userAgent === false) return;
    const current = await page.evaluate(() => navigator.userAgent);
    const wanted = userAgent ?? withoutHeadlessMark(current);
    if (wanted !== current) await page.setUserAgent({ userAgent: wanted });
  }

  #throwIfClosing(): void {
    if (this.isClosing) throw new HoldfastError('BROWSER_CLOSED', 'The browser was closed.');
  }
}
