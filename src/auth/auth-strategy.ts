import type { Browser, ConnectOptions, LaunchOptions, Page } from 'puppeteer-core';

/** Puppeteer's options: to launch a browser, or, with an address, to connect to one. */
export type PuppeteerOptions = LaunchOptions & ConnectOptions;

/** What a strategy may use of the client it serves; whatsapp-web.js's Client has the same. */
export interface StrategyClient {
  options: { puppeteer?: PuppeteerOptions; takeoverOnConflict?: boolean | undefined };
  pupBrowser?: Browser | null;
  pupPage?: Page | null;
  emit(event: string, ...args: unknown[]): boolean;
  on?(event: string, listener: (...args: never[]) => void): unknown;
  destroy(): Promise<void>;
  /** True for Holdfast's Client, which sees to signals itself; absent in whatsapp-web.js's. */
  readonly handlesSignals?: boolean;
}

/** What to do when the page turns out not to be linked. */
export interface AuthenticationNeeded {
  /** True: the login that should have been there is not; `auth_failure` is emitted and the client closes. */
  failed?: boolean;
  /** With `failed`: start again afterwards, without the login. */
  restart?: boolean;
  /** With `failed`: what `auth_failure` is emitted with. */
  failureEventPayload?: unknown;
}

/**
 * Decides what becomes of a login. Extend it to write your own; a strategy written for
 * whatsapp-web.js works unchanged. Every hook may be left out. Hooks are called one at a time,
 * in this order:
 *
 * 1. `setup` when the client is made,
 * 2. `beforeBrowserInitialized`, `afterBrowserInitialized` at each start of a browser,
 * 3. `onAuthenticationNeeded` if the page is not linked,
 * 4. `getAuthEventPayload` and, once ready, `afterAuthReady`,
 * 5. `disconnect` or `logout`, and `destroy`, at the end.
 */
export abstract class AuthStrategy {
  protected client!: StrategyClient;

  /**
   * True when nothing is to be kept: a browser that runs elsewhere then gives the client a
   * page of its own that shares nothing with its profile.
   */
  get isEphemeral(): boolean {
    return false;
  }

  /** Called once, in the client's constructor. Only `client.options` is there yet. */
  setup(client: StrategyClient): void {
    this.client = client;
  }

  /**
   * Called before each start of a browser; the place to bring a profile and to point
   * `client.options.puppeteer.userDataDir` at it. No browser of this client runs under
   * Holdfast's Client; under whatsapp-web.js's one may, after an unlink. An error rejects
   * `client.initialize()`, and `destroy` is called.
   */
  async beforeBrowserInitialized(): Promise<void> {}

  /** Called when `client.pupBrowser` and `client.pupPage` are there, before WhatsApp Web is opened. */
  async afterBrowserInitialized(): Promise<void> {}

  /** Called when the page has booted and is not linked, before a QR or a pairing code is asked for. */
  async onAuthenticationNeeded(): Promise<AuthenticationNeeded | undefined> {
    return { failed: false, restart: false };
  }

  /** What `authenticated` is emitted with. Called when the login has been accepted. */
  async getAuthEventPayload(): Promise<unknown> {
    return undefined;
  }

  /** Called after each `ready`. Under whatsapp-web.js's Client nobody waits for it. */
  async afterAuthReady(): Promise<void> {}

  /**
   * Called when the client gives up a session that is still linked (`CONFLICT`, a block, a browser
   * that crashed), before `disconnected`. Nothing of the login may be deleted here. Under
   * Holdfast's Client the browser is gone by then; under whatsapp-web.js's it still runs.
   */
  async disconnect(): Promise<void> {}

  /**
   * Called last, whenever a client ends: release what is held. May be called more than once, and
   * while `beforeBrowserInitialized` is still at work: that should end then, since
   * `client.destroy()` waits for it.
   */
  async destroy(): Promise<void> {}

  /**
   * Called when the device is not linked any more: after `client.logout()`, or when it was
   * unlinked on the phone. Under Holdfast's Client the browser is gone; under whatsapp-web.js's it
   * may still run.
   */
  async logout(): Promise<void> {}

  /**
   * Called by Holdfast's Client in place of `logout` when it was the phone, or WhatsApp, that ended
   * the login. The browser is gone, and a new start follows. Default: `logout`.
   */
  async unlinked(): Promise<void> {
    await this.logout();
  }

  /**
   * False while it is not sure that the session is this client's alone: then a client does not take
   * it back from another browser, whatever `takeoverOnConflict` says.
   */
  get isHeld(): boolean {
    return true;
  }
}
