import { EventEmitter } from 'node:events';
import type { Browser, Page } from 'puppeteer-core';
import type { StrategyClient } from '../auth/auth-strategy.js';
import { NoAuth } from '../auth/no-auth.js';
import { HoldfastError } from '../errors.js';
import { emitSafely } from '../system/emit-safely.js';
import { warn } from '../system/warn.js';
import type { WAState } from '../whatsapp/states.js';
import type { ClientEvents } from './client-events.js';
import { ClientInfo } from './client-info.js';
import { Lifecycle, type LifecycleHost, runHook } from './lifecycle.js';
import { Message, type SendOptions } from './message.js';
import {
  type AuthHooks,
  type ClientOptions,
  PAIRING_CODE_MS,
  type ResolvedOptions,
  resolveOptions,
} from './options.js';
import type { Run } from './run.js';

/**
 * Drives WhatsApp Web in a real browser. Names, events and options are whatsapp-web.js's.
 *
 * @example
 * const client = new Client({ authStrategy: new LocalAuth() });
 * client.on('qr', (qr) => console.log(qr));
 * client.on('ready', () => console.log('ready'));
 * client.on('message', (message) => message.reply('pong'));
 * await client.initialize();
 */
export class Client extends EventEmitter<ClientEvents> {
  readonly options: ResolvedOptions;
  readonly authStrategy: AuthHooks;
  /** Whose account it is; undefined until `ready`. */
  info: ClientInfo | undefined;
  /** The browser, while one runs. */
  pupBrowser: Browser | null = null;
  /** WhatsApp Web's page, while a browser runs. */
  pupPage: Page | null = null;

  readonly #lifecycle: Lifecycle;
  #logout: Promise<void> | null = null;

  /** @throws {HoldfastError} INVALID_OPTION */
  constructor(options: ClientOptions = {}) {
    super();
    this.options = resolveOptions(options);
    this.authStrategy = options.authStrategy ?? new NoAuth();
    this.#lifecycle = new Lifecycle(this.#createHost());
    this.authStrategy.setup?.(this as unknown as StrategyClient);
  }

  /** Tells strategies that signals are seen to, see `handleSignals`. */
  get handlesSignals(): boolean {
    return true;
  }

  /**
   * Starts the browser and opens WhatsApp Web. Resolves when the page knows whether it is linked;
   * what follows comes as events: `qr` or `code`, `authenticated`, `ready`. A client that starts or
   * runs already is not started twice. After the client has ended it may be called again.
   *
   * @throws {HoldfastError} BROWSER_NOT_FOUND, BROWSER_LAUNCH_FAILED, AUTH_TIMEOUT, PAGE_CHANGED,
   *   LINKING_FAILED, BROWSER_CLOSED, CLIENT_DESTROYED (by `destroy()` meanwhile), and the strategy's errors; no
   *   browser is left then
   */
  initialize(): Promise<void> {
    const started = this.#lifecycle.start();
    const result = started.then(() => undefined);
    started.catch((error: unknown) => {
      // `client.initialize();` without await is usual: ended on purpose, nobody need be told.
      if (error instanceof HoldfastError && error.code === 'CLIENT_DESTROYED') {
        result.catch(() => undefined);
      }
    });
    return result;
  }

  /**
   * Closes the browser, so that everything is flushed, and releases all that is held. May be called
   * at any time and again. The session stays.
   */
  destroy(): Promise<void> {
    return this.#lifecycle.end();
  }

  /**
   * Unlinks the device, closes the browser and removes the session. `disconnected` with `LOGOUT`
   * follows.
   *
   * @throws {HoldfastError} NOT_INITIALIZED, PAGE_CHANGED, PROFILE_NOT_REMOVED
   */
  logout(): Promise<void> {
    this.#logout ??= this.#lifecycle.logout().finally(() => {
      this.#logout = null;
    });
    return this.#logout;
  }

  /**
   * A code to type on the phone instead of scanning a QR; also emitted as `code`, and a new one
   * each time it has run out.
   *
   * @param phoneNumber international, digits only, such as `12025550108`
   * @param showNotification show a notification on the phone
   * @param intervalMs how often a new code is made
   * @throws {HoldfastError} INVALID_PHONE_NUMBER, NOT_INITIALIZED, ALREADY_LINKED,
   *   LINKING_FAILED (WhatsApp refuses to give a code), PAGE_CHANGED
   */
  async requestPairingCode(
    phoneNumber: string,
    showNotification = true,
    intervalMs = PAIRING_CODE_MS,
  ): Promise<string> {
    const run = this.#needRun();
    if (run.isLinked) {
      throw new HoldfastError('ALREADY_LINKED', 'The device is linked already: log out first.');
    }
    return run.linking.requestCode({
      phoneNumber,
      showNotification,
      intervalMs: intervalMs || PAIRING_CODE_MS,
    });
  }

  /** Back from pairing codes to QRs. @throws {HoldfastError} NOT_INITIALIZED, PAGE_CHANGED */
  async cancelPairingCode(): Promise<void> {
    await this.#needRun().linking.backToQr();
  }

  /** The page's connection state, or null while there is no page to ask. */
  async getState(): Promise<WAState | null> {
    return (await this.#lifecycle.run?.getState()) ?? null;
  }

  /** The version of WhatsApp Web, such as `2.3000.1017054665`. @throws {HoldfastError} NOT_INITIALIZED */
  async getWWebVersion(): Promise<string> {
    return this.#needRun().page.version();
  }

  /**
   * Sends a text. Resolves when WhatsApp Web has taken it; how far it comes is said by `message_ack`.
   *
   * @param chatId such as `12025550108@c.us`, or a group's `…@g.us`
   * @throws {HoldfastError} NOT_READY, SEND_FAILED, PAGE_CHANGED, UNSUPPORTED_CONTENT
   */
  async sendMessage(chatId: string, text: string, options: SendOptions = {}): Promise<Message> {
    if (typeof text !== 'string') {
      throw new HoldfastError(
        'UNSUPPORTED_CONTENT',
        "Holdfast's Client sends text only. For media and the rest, use Holdfast's strategies " +
          "under whatsapp-web.js's Client.",
      );
    }
    const { run } = this.#lifecycle;
    if (!run?.isReady) {
      throw new HoldfastError('NOT_READY', 'The client is not ready: wait for the event "ready".', {
        transient: true,
      });
    }
    try {
      const sent = await run.page.sendText(chatId, text, options.quotedMessageId ?? null);
      return new Message(this, sent);
    } catch (cause) {
      if (cause instanceof HoldfastError) throw cause;
      throw new HoldfastError(
        'SEND_FAILED',
        `The message to ${chatId} was not sent: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  #needRun(): Run {
    const { run } = this.#lifecycle;
    if (run !== null) return run;
    throw new HoldfastError('NOT_INITIALIZED', 'The client is not initialized: call initialize().');
  }

  #createHost(): LifecycleHost {
    const strategy = this.authStrategy;
    return {
      settings: this.options,
      strategy,
      announce: (event, ...args) => this.#announce(event, ...args),
      sendMessage: (...args) => this.sendMessage(...args),
      onBrowser: (session) => {
        this.pupBrowser = session?.browser ?? null;
        this.pupPage = session?.page ?? null;
      },
      onAuthenticated: async () => {
        const payload = await runHook('getAuthEventPayload', () =>
          strategy.getAuthEventPayload?.(),
        );
        this.#announce('authenticated', payload);
      },
      onReady: async (page) => {
        this.#lifecycle.noteReady();
        try {
          this.info = new ClientInfo(await page.account());
        } catch (error) {
          warn('PAGE_CHANGED', (error as Error).message);
        }
        this.#announce('ready');
        // May take as long as it likes, as under whatsapp-web.js.
        void runHook('afterAuthReady', () => strategy.afterAuthReady?.());
      },
    };
  }

  #announce<E extends keyof ClientEvents>(event: E, ...args: ClientEvents[E]): void {
    emitSafely(this as EventEmitter, event, args);
  }
}
