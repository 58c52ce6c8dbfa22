import { HoldfastError } from '../errors.js';
import type { WAState } from '../whatsapp/states.js';
import type { WhatsAppPage } from '../whatsapp/whatsapp-page.js';
import { BrowserSession } from './browser-session.js';
import type { Linking } from './linking.js';
import { type FollowerHost, PageFollower } from './page-follower.js';
import { type RunEnd, startErrorOf } from './run-end.js';

/** What a run needs of the client it belongs to. */
export interface RunHost extends Omit<FollowerHost, 'onDecided' | 'onUndecided'> {
  onBrowser(session: BrowserSession): void;
  /** Called at most once, and not after `close()`. */
  onEnd(end: RunEnd): void;
}

/** One browser's life under a client, from the strategy's preparation on. */
export class Run {
  readonly #host: RunHost;
  readonly #session: BrowserSession;
  #follower: PageFollower | null = null;
  #isOver = false;
  /** True while `open()` is at work. */
  isOpening = false;
  /** When `open()` is through, however it went. */
  opened: Promise<void> = Promise.resolve();
  #isDecided = false;
  #decide: () => void = () => undefined;
  #failStart: (error: Error) => void = () => undefined;
  readonly #decided: Promise<void>;

  constructor(host: RunHost) {
    this.#host = host;
    this.#session = new BrowserSession(host.settings, {
      onEvent: (event) => {
        if (!this.#isOver) this.#follower?.follow(event);
      },
      onLost: (reason) => this.#end({ kind: 'gone', reason }),
    });
    this.#decided = new Promise((resolve, reject) => {
      this.#decide = () => {
        this.#isDecided = true;
        resolve();
      };
      this.#failStart = reject;
    });
    this.#decided.catch(() => undefined);
  }

  /** @throws {HoldfastError} NOT_INITIALIZED before WhatsApp Web is opened */
  get page(): WhatsAppPage {
    return this.#session.whatsApp;
  }

  get isReady(): boolean {
    return !this.#isOver && this.#follower?.isReady === true;
  }

  get isLinked(): boolean {
    return !this.#isOver && this.wasLinked;
  }

  /** Whether the device was linked at any time of this run. */
  get wasLinked(): boolean {
    return this.#follower?.wasLinked === true;
  }

  /** How the device is linked. @throws {HoldfastError} NOT_INITIALIZED */
  get linking(): Linking {
    return this.#needFollower().linking;
  }

  /** The connection state, or null while there is no page to ask. */
  async getState(): Promise<WAState | null> {
    return this.#isOver ? null : ((await this.#follower?.getState()) ?? null);
  }

  /** Resolves once the page knows whether it is linked and, if not, a QR or a code is on its way. */
  open(): Promise<void> {
    this.isOpening = true;
    const opening = this.#open().finally(() => {
      this.isOpening = false;
    });
    this.opened = opening.catch(() => undefined);
    return opening;
  }

  /** Ends everything; no event comes from this run any more. May be called at any time. */
  close(): Promise<void> {
    this.#isOver = true;
    this.#follower?.stop();
    this.#failStart(new HoldfastError('BROWSER_CLOSED', 'The browser was closed.'));
    return this.#session.close();
  }

  /** Unlinks the device. @throws {HoldfastError} NOT_INITIALIZED, PAGE_CHANGED */
  async logout(): Promise<void> {
    await this.#needFollower().logout();
  }

  async #open(): Promise<void> {
    const { strategy } = this.#host;
    await strategy.beforeBrowserInitialized?.();
    this.#throwIfOver();
    await this.#session.openBrowser(strategy.isEphemeral === true);
    this.#host.onBrowser(this.#session);
    await strategy.afterBrowserInitialized?.();
    this.#throwIfOver();
    const booted = this.#session.openWhatsApp((page) => {
      this.#follower = this.#follow(page);
    });
    await Promise.race([booted, this.#decided]);
    await this.#decided;
  }

  #follow(page: WhatsAppPage): PageFollower {
    return new PageFollower(page, {
      ...this.#host,
      onDecided: () => this.#decide(),
      onUndecided: (error) => this.#failStart(error),
      onEnd: (end) => this.#end(end),
    });
  }

  #end(end: RunEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#follower?.isLoggingOut) {
      this.#follower.stop();
      return;
    }
    const error = startErrorOf(end);
    if (error && !this.#isDecided) {
      // Then it is `open()` that says so, and nobody else.
      this.#failStart(error);
      return;
    }
    // First: to whom it is told may close this run, and that is no failure of its start.
    this.#decide();
    this.#host.onEnd(end);
  }

  #needFollower(): PageFollower {
    if (this.#follower !== null) return this.#follower;
    throw new HoldfastError('NOT_INITIALIZED', 'WhatsApp Web is not open yet: await initialize().');
  }

  #throwIfOver(): void {
    if (this.#isOver) throw new HoldfastError('BROWSER_CLOSED', 'The browser was closed.');
  }
}
