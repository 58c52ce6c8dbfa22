import { HoldfastError } from '../errors.js';
import { warn } from '../system/warn.js';
import { withinTime } from '../system/within-time.js';
import type { PageEvent } from '../whatsapp/page-events.js';
import type { WAState } from '../whatsapp/states.js';
import type { WhatsAppPage } from '../whatsapp/whatsapp-page.js';
import type { ClientEvents } from './client-events.js';
import { Connection, type ConnectionStep } from './connection.js';
import { Linking } from './linking.js';
import type { MessageSender } from './message.js';
import { isMessageEvent, MessageFeed } from './message-feed.js';
import type { AuthHooks, ResolvedOptions } from './options.js';
import type { RunEnd } from './run-end.js';

/** How long a linked page may say that it is unpaired before it is given up. */
const DOUBT_MS = 5_000;
/** How long a logout may take to reach WhatsApp and be confirmed. */
const LOGOUT_PATIENCE_MS = 10_000;

export interface FollowerHost extends MessageSender {
  readonly settings: ResolvedOptions;
  readonly strategy: AuthHooks;
  announce<E extends keyof ClientEvents>(event: E, ...args: ClientEvents[E]): void;
  onAuthenticated(): Promise<void>;
  onReady(page: WhatsAppPage): Promise<void>;
  /** The page knows whether it is linked, and if not, a way to link has been offered. */
  onDecided(): void;
  /** The page has booted, but has not found out in time whether it is linked. */
  onUndecided(error: HoldfastError): void;
  onEnd(end: RunEnd): void;
}

/** Follows what happens in one page: tells it, links the device, and says when it is over. */
export class PageFollower {
  readonly #page: WhatsAppPage;
  readonly #host: FollowerHost;
  readonly #connection = new Connection();
  readonly #feed: MessageFeed;
  readonly linking: Linking;
  #doubt: NodeJS.Timeout | undefined;
  #takeover: NodeJS.Timeout | undefined;
  #undecided: NodeJS.Timeout | undefined;
  #lastPercent = -1;
  #isStopped = false;
  #isLoggingOut = false;
  #onUnlinked: (confirmed: boolean) => void = () => undefined;
  /** Steps that take time follow each other in the order of the page's events. */
  #steps: Promise<void> = Promise.resolve();

  constructor(page: WhatsAppPage, host: FollowerHost) {
    this.#page = page;
    this.#host = host;
    this.#feed = new MessageFeed(host, (event, ...args) => host.announce(event, ...args));
    this.linking = new Linking(page, host.settings, {
      onQr: (qr) => host.announce('qr', qr),
      onCode: (code) => host.announce('code', code),
      onTooManyQrs: () => host.onEnd({ kind: 'gone', reason: 'Max qrcode retries reached' }),
    });
  }

  get isReady(): boolean {
    return this.#connection.isReady;
  }

  /** Whether the device was linked at any time. */
  get wasLinked(): boolean {
    return this.#connection.isLinked;
  }

  get isLoggingOut(): boolean {
    return this.#isLoggingOut;
  }

  /** The connection state, or null while the page has not booted. */
  async getState(): Promise<WAState | null> {
    return this.#connection.state === null ? null : this.#page.state();
  }

  /** Nothing is told or done from now on. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#doubt);
    clearTimeout(this.#takeover);
    clearTimeout(this.#undecided);
    this.linking.stop();
    this.#onUnlinked(false);
  }

  follow(event: PageEvent): void {
    if (this.#isStopped) return;
    if (isMessageEvent(event)) {
      this.#feed.take(event);
      return;
    }
    switch (event.type) {
      case 'qr':
        this.linking.onQr(event.qr);
        return;
      case 'progress':
        if (event.percent === this.#lastPercent) return;
        this.#lastPercent = event.percent;
        this.#host.announce('loading_screen', event.percent, 'WhatsApp');
        return;
      case 'unusable': {
        const error = this.#page.explain(event.reason);
        this.#host.onEnd({ kind: 'gone', reason: 'PAGE_CHANGED', error });
        return;
      }
      case 'degraded':
        warn('PAGE_CHANGED', this.#page.explain(event.reason).message);
        return;
      case 'attached':
        this.#undecided ??= setTimeout(() => this.#complain(), this.#host.settings.authTimeoutMs);
        break;
    }
    for (const step of this.#connection.handle(event)) this.#take(step);
    if (!this.#connection.isDecided) return;
    clearTimeout(this.#undecided);
    // A page that is not linked is decided only when it offers a way to link, see #next.
    if (!this.#connection.isUnpaired) this.#host.onDecided();
  }

  /**
   * Unlinks the device and waits until the page says so. A page that cannot tell WhatsApp does not
   * keep the login here alive: that is warned of.
   *
   * @throws {HoldfastError} PAGE_CHANGED
   */
  async logout(): Promise<void> {
    this.#isLoggingOut = true;
    // A page without a connection logs itself out, and nobody else hears of it.
    const isHeard = this.#connection.state === 'CONNECTED';
    const unlinked = new Promise<boolean>((resolve) => {
      this.#onUnlinked = resolve;
    });
    const told = this.#page.logout().then(
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

  #take(step: ConnectionStep): void {
    const { settings, announce, onEnd } = this.#host;
    switch (step.do) {
      case 'show_state':
        announce('change_state', step.state);
        break;
      case 'offer_link':
        this.#next(() => this.#offerLink());
        break;
      case 'authenticated':
        this.linking.stop();
        this.#next(() => this.#host.onAuthenticated());
        break;
      case 'ready':
        this.#next(async () => {
          await this.#host.onReady(this.#page);
          this.#feed.open();
        });
        break;
      case 'doubt':
        clearTimeout(this.#doubt);
        this.#doubt = setTimeout(() => {
          onEnd({ kind: 'gone', reason: this.#connection.state ?? 'UNPAIRED' });
        }, DOUBT_MS);
        break;
      case 'trust':
        clearTimeout(this.#doubt);
        break;
      case 'conflict':
        if (!this.#mayTakeBack()) onEnd({ kind: 'gone', reason: 'CONFLICT' });
        else this.#takeover = setTimeout(() => this.#takeBack(), settings.takeoverTimeoutMs);
        break;
      case 'give_up':
        onEnd({ kind: 'gone', reason: step.state });
        break;
      case 'unlinked':
        this.#onUnlinked(true);
        if (!this.#isLoggingOut) onEnd({ kind: 'unlinked' });
        break;
    }
  }

  /** Runs steps one after the other, and none once it is over. */
  #next(step: () => Promise<void>): void {
    this.#steps = this.#steps.then(async () => {
      if (this.#isStopped) return;
      try {
        await step();
        this.#host.onDecided();
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        const reason = isPageChanged(error) ? 'PAGE_CHANGED' : 'LINKING_FAILED';
        this.#host.onEnd({ kind: 'gone', reason, error });
      }
    });
  }

  async #offerLink(): Promise<void> {
    const answer = await this.#host.strategy.onAuthenticationNeeded?.();
    if (this.#isStopped || this.#connection.isLinked) return;
    if (answer?.failed) this.#host.onEnd({ kind: 'auth_failure', answer });
    else await this.linking.offer();
  }

  /** A session that may be another process's by now is left to it. */
  #mayTakeBack(): boolean {
    const { settings, strategy } = this.#host;
    return settings.takeoverOnConflict && strategy.isHeld !== false;
  }

  #takeBack(): void {
    if (!this.#mayTakeBack()) {
      this.#host.onEnd({ kind: 'gone', reason: 'CONFLICT' });
      return;
    }
    this.#page.takeover().catch(({ message }: Error) => {
      if (!this.#isStopped) warn('TAKEOVER_FAILED', `The session was not taken back: ${message}`);
    });
  }

  #complain(): void {
    this.#host.onUndecided(
      new HoldfastError(
        'AUTH_TIMEOUT',
        `WhatsApp Web has booted, but did not reach its server (state ${this.#connection.state}). ` +
          'Check the network, or give it longer by the option authTimeoutMs.',
        { transient: true },
      ),
    );
  }
}

function isPageChanged(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'PAGE_CHANGED';
}
