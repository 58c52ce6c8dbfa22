import type { AuthenticationNeeded } from '../auth/auth-strategy.js';
import { HoldfastError } from '../errors.js';
import { warn } from '../system/warn.js';
import type { PageEvent } from '../whatsapp/page-events.js';
import type { WAState } from '../whatsapp/states.js';
import type { WhatsAppPage } from '../whatsapp/whatsapp-page.js';
import { BrowserSession } from './browser-session.js';
import type { ClientEvents, DisconnectReason } from './client-events.js';
import { Connection, type ConnectionStep } from './connection.js';
import { Linking } from './linking.js';
import type { MessageSender } from './message.js';
import { isMessageEvent, MessageFeed } from './message-feed.js';
import type { AuthHooks, ResolvedOptions } from './options.js';

/** How long a linked page may say that it is unpaired before it is given up. */
const DOUBT_MS = 5_000;
/** How long a logout may take to reach WhatsApp and be confirmed. */
const LOGOUT_PATIENCE_MS = 10_000;

/** How a run comes to its end without having been closed. */
export type RunEnd =
  /** The device is not linked any more. */
  | { kind: 'unlinked' }
  /** The session is as it was, but this browser cannot go on. */
  | { kind: 'gone'; reason: DisconnectReason; error?: Error }
  /** The strategy says that the login it should have brought is not there. */
  | { kind: 'auth_failure'; answer: AuthenticationNeeded };

/** What a run needs of the client it belongs to. */
export interface RunHost extends MessageSender {
  readonly settings: ResolvedOptions;
  readonly strategy: AuthHooks;
  announce<E extends keyof ClientEvents>(event: E, ...args: ClientEvents[E]): void;
  onBrowser(session: BrowserSession): void;
  onAuthenticated(): Promise<void>;
  onReady(page: WhatsAppPage): Promise<void>;
  /** Called at most once, and not after `close()`. */
  onEnd(end: RunEnd): void;
}

/** One browser's life under a client, from the strategy's preparation on. */
export class Run {
  readonly #host: RunHost;
  readonly #session: BrowserSession;
  readonly #connection = new Connection();
  readonly #feed: MessageFeed;
  #linking: Linking | null = null;
  #doubt: NodeJS.Timeout | undefined;
  #takeover: NodeJS.Timeout | undefined;
  #undecided: NodeJS.Timeout | undefined;
  #lastPercent = -1;
  #isOver = false;
  #isDecided = false;
  /** True while `open()` is at work. */
  isOpening = false;
  /** When `open()` is through, however it went. */
  opened: Promise<void> = Promise.resolve();
  #isLoggingOut = false;
  #onUnlinked: (confirmed: boolean) => void = () => undefined;
  #decide: () => void = () => undefined;
  #failStart: (error: Error) => void = () => undefined;
  /** The page knows whether it is linked, and if not, a way to link has been offered. */
  readonly #decided: Promise<void>;
  /** Steps that take time follow each other in the order of the page's events. */
  #steps: Promise<void> = Promise.resolve();

  constructor(host: RunHost) {
    this.#host = host;
    this.#feed = new MessageFeed(host, (event, ...args) => host.announce(event, ...args));
    this.#session = new BrowserSession(host.settings, {
      onEvent: (event) => this.#onEvent(event),
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

  get page(): WhatsAppPage {
    return this.#session.whatsApp;
  }

  get isReady(): boolean {
    return this.#connection.isReady && !this.#isOver;
  }

  get isLinked(): boolean {
    return this.#connection.isLinked && !this.#isOver;
  }

  /** Whether the device was linked at any time of this run. */
  get wasLinked(): boolean {
    return this.#connection.isLinked;
  }

  /** The connection state, or null while there is no page to ask. */
  async getState(): Promise<WAState | null> {
    return this.#linking === null || this.#isOver ? null : this.page.state();
  }

  /** How the device is linked. @throws {HoldfastError} NOT_INITIALIZED */
  get linking(): Linking {
    if (this.#linking !== null) return this.#linking;
    throw new HoldfastError('NOT_INITIALIZED', 'WhatsApp Web is not open yet: await initialize().');
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

  async #open(): Promise<void> {
    const { strategy } = this.#host;
    await strategy.beforeBrowserInitialized?.();
    this.#throwIfOver();
    await this.#session.openBrowser(strategy.isEphemeral === true);
    this.#host.onBrowser(this.#session);
    await strategy.afterBrowserInitialized?.();
    this.#throwIfOver();
    await Promise.race([this.#session.openWhatsApp(), this.#decided]);
    await this.#decided;
  }

  /** Ends everything; no event comes from this run any more. May be called at any time. */
  close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#doubt);
    clearTimeout(this.#takeover);
    clearTimeout(this.#undecided);
    this.#linking?.stop();
    this.#onUnlinked(false);
    this.#failStart(new HoldfastError('BROWSER_CLOSED', 'The browser was closed.'));
    return this.#session.close();
  }

  /**
   * Unlinks the device and waits until the page says so. A page that cannot tell WhatsApp does not
   * keep the login here alive: that is warned of.
   */
  async logout(): Promise<void> {
    this.#isLoggingOut = true;
    // A page without a connection logs itself out, and nobody else hears of it.
    const isHeard = this.#connection.state === 'CONNECTED';
    const unlinked = new Promise<boolean>((resolve) => {
      this.#onUnlinked = resolve;
    });
    const told = this.page.logout().then(
      () => unlinked,
      (error: unknown) => {
        if (isPageChanged(error)) throw error;
        return false;
      },
    );
    try {
      if ((await withinTime(LOGOUT_PATIENCE_MS, told)) && isHeard) return;
    } catch (error) {
      this.#isLoggingOut = false;
      throw error;
    }
    warn(
      'LOGOUT_UNCONFIRMED',
      'WhatsApp did not confirm the logout. The login is removed here; ' +
        'remove the device on the phone too if it is still listed there.',
    );
  }

  #onEvent(event: PageEvent): void {
    if (this.#isOver) return;
    if (isMessageEvent(event)) {
      this.#feed.take(event);
      return;
    }
    switch (event.type) {
      case 'qr':
        this.#linking?.onQr(event.qr);
        return;
      case 'progress':
        if (event.percent === this.#lastPercent) return;
        this.#lastPercent = event.percent;
        this.#host.announce('loading_screen', event.percent, 'WhatsApp');
        return;
      case 'unusable':
        this.#end({
          kind: 'gone',
          reason: 'PAGE_CHANGED',
          error: this.page.explain(event.reason),
        });
        return;
      case 'degraded':
        warn('PAGE_CHANGED', this.page.explain(event.reason).message);
        return;
      case 'attached':
        this.#onAttached();
        break;
    }
    for (const step of this.#connection.handle(event)) this.#take(step);
    if (!this.#connection.isDecided) return;
    clearTimeout(this.#undecided);
    // A page that is not linked is decided only when it offers a way to link, see #next.
    if (!this.#connection.isUnpaired) this.#decide();
  }

  #onAttached(): void {
    this.#linking ??= new Linking(this.page, this.#host.settings, {
      onQr: (qr) => this.#host.announce('qr', qr),
      onCode: (code) => this.#host.announce('code', code),
      onTooManyQrs: () => this.#end({ kind: 'gone', reason: 'Max qrcode retries reached' }),
    });
    this.#undecided ??= setTimeout(() => {
      this.#failStart(
        new HoldfastError(
          'AUTH_TIMEOUT',
          `WhatsApp Web has booted, but did not reach its server (state ${this.#connection.state}). ` +
            'Check the network, or give it longer by the option authTimeoutMs.',
          { transient: true },
        ),
      );
    }, this.#host.settings.authTimeoutMs);
  }

  #take(step: ConnectionStep): void {
    const { settings } = this.#host;
    switch (step.do) {
      case 'show_state':
        this.#host.announce('change_state', step.state);
        break;
      case 'offer_link':
        this.#next(() => this.#offerLink());
        break;
      case 'authenticated':
        this.#linking?.stop();
        this.#next(() => this.#host.onAuthenticated());
        break;
      case 'ready':
        this.#next(async () => {
          await this.#host.onReady(this.page);
          this.#feed.open();
        });
        break;
      case 'doubt':
        clearTimeout(this.#doubt);
        this.#doubt = setTimeout(() => {
          this.#end({ kind: 'gone', reason: this.#connection.state ?? 'UNPAIRED' });
        }, DOUBT_MS);
        break;
      case 'trust':
        clearTimeout(this.#doubt);
        break;
      case 'conflict':
        if (!settings.takeoverOnConflict) this.#end({ kind: 'gone', reason: 'CONFLICT' });
        else this.#takeover = setTimeout(() => this.#takeBack(), settings.takeoverTimeoutMs);
        break;
      case 'give_up':
        this.#end({ kind: 'gone', reason: step.state });
        break;
      case 'unlinked':
        this.#onUnlinked(true);
        if (!this.#isLoggingOut) this.#end({ kind: 'unlinked' });
        break;
    }
  }

  /** Runs steps one after the other, and none once the run is over. */
  #next(step: () => Promise<void>): void {
    this.#steps = this.#steps.then(async () => {
      if (this.#isOver) return;
      try {
        await step();
        this.#decide();
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        const reason = isPageChanged(error) ? 'PAGE_CHANGED' : 'LINKING_FAILED';
        this.#end({ kind: 'gone', reason, error });
      }
    });
  }

  async #offerLink(): Promise<void> {
    const answer = await this.#host.strategy.onAuthenticationNeeded?.();
    if (this.#isOver || this.#connection.isLinked) return;
    if (answer?.failed) this.#end({ kind: 'auth_failure', answer });
    else await this.#linking?.offer();
  }

  #takeBack(): void {
    this.page.takeover().catch((error: Error) => {
      if (!this.#isOver)
        warn('TAKEOVER_FAILED', `The session was not taken back: ${error.message}`);
    });
  }

  #end(end: RunEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isLoggingOut) {
      this.#onUnlinked(false);
      return;
    }
    const error = end.kind === 'gone' ? (end.error ?? lossError(end.reason)) : undefined;
    if (error && !this.#isDecided) {
      // Then it is `open()` that says so, and nobody else.
      this.#failStart(error);
      return;
    }
    // First: to whom it is told may close this run, and that is no failure of its start.
    this.#decide();
    this.#host.onEnd(end);
  }

  #throwIfOver(): void {
    if (this.#isOver) throw new HoldfastError('BROWSER_CLOSED', 'The browser was closed.');
  }
}

function lossError(reason: DisconnectReason): HoldfastError | undefined {
  if (!/^(BROWSER|PAGE)_/.test(reason)) return undefined;
  return new HoldfastError(
    'BROWSER_CLOSED',
    `The browser ended while it was started (${reason}).`,
    {
      transient: true,
    },
  );
}

function isPageChanged(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'PAGE_CHANGED';
}

/** What comes of some work that answers with true or false; false when it takes too long. */
async function withinTime(patienceMs: number, work: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
