import { randomBytes } from 'node:crypto';
import type { CDPSession, Page } from 'puppeteer-core';
import { HoldfastError } from '../errors.js';
import { type AgentActions, agentSource } from './page/agent.js';
import type { DeviceNames } from './page/watch.js';
import {
  isNavigationError,
  isNotThere,
  missingPart,
  NOT_THERE,
  pageChanged,
  pageNotThere,
} from './page-error.js';
import type { AccountData, MessageData, PageEvent } from './page-events.js';
import { PageLoader, WHATSAPP_ORIGIN } from './page-loader.js';
import type { WAState } from './states.js';

export interface WhatsAppPageOptions extends DeviceNames {
  /** How long the page may take to be reached, and then to boot, in milliseconds. */
  patienceMs: number;
  /** Told of everything that happens in the page, in order. */
  onEvent(event: PageEvent): void;
}

/**
 * WhatsApp Web in a page of a browser: the one thing the rest of Holdfast knows of it. What the
 * page looks like inside is known in `page/` and nowhere else.
 */
export class WhatsAppPage {
  readonly #page: Page;
  readonly #options: WhatsAppPageOptions;
  readonly #loader: PageLoader;
  readonly #handle = `h${randomBytes(8).toString('hex')}`;
  #session: CDPSession | null = null;
  #version: string | null = null;
  #wasLoaded = false;
  #closed = false;
  /** Resolves with the next time the agent reports the page as booted. */
  #attached = newDeferred();
  #deadline: NodeJS.Timeout | undefined;

  constructor(page: Page, options: WhatsAppPageOptions) {
    this.#page = page;
    this.#options = options;
    this.#loader = new PageLoader(page, options.patienceMs, () => this.#isBooted());
  }

  /**
   * Opens WhatsApp Web and keeps it open until `close()`. Resolves when the page has booted.
   *
   * @throws {HoldfastError} AUTH_TIMEOUT (not reached, or not booted, in time), PAGE_CHANGED
   */
  async open(): Promise<void> {
    const binding = `b${randomBytes(8).toString('hex')}`;
    this.#session = await this.#page.createCDPSession();
    this.#session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === binding && !this.#closed) this.#receive(JSON.parse(payload) as PageEvent);
    });
    await this.#session.send('Runtime.enable');
    await this.#session.send('Runtime.addBinding', { name: binding });
    const { deviceName, browserName } = this.#options;
    await this.#page.evaluateOnNewDocument(
      agentSource(WHATSAPP_ORIGIN, binding, this.#handle, { deviceName, browserName }),
    );
    const booted = this.#attached.promise;
    if (this.#closed) return booted;
    this.#armDeadline('could not be reached');
    this.#loader.start(() => this.#onLoaded());
    return booted;
  }

  /** Resolves when nothing of ours is at work any more, after `close()` and the end of the page. */
  get ended(): Promise<void> {
    return this.#loader.stopped;
  }

  /** Stops everything of ours in the page; the page itself stays. May be called at any time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#deadline);
    this.#loader.stop();
    this.#attached.reject(
      new HoldfastError('BROWSER_CLOSED', 'The page was closed before it had booted.'),
    );
    this.#session?.detach().catch(() => undefined);
  }

  /** Whose account it is. @throws {HoldfastError} PAGE_CHANGED */
  account(): Promise<AccountData> {
    return this.#ask('account');
  }

  /** The connection state, or null while the page is not there to be asked. */
  async state(): Promise<WAState | null> {
    if (this.#version === null) return null;
    try {
      return (await this.#evaluate('state', [])) as WAState | null;
    } catch (error) {
      if (isNavigationError(error)) return null;
      throw this.explain(error);
    }
  }

  /** The version of WhatsApp Web, such as `2.3000.1017054665`. */
  version(): Promise<string> {
    return this.#ask('version');
  }

  /** From now on reports QR texts, the current one first. @throws {HoldfastError} PAGE_CHANGED */
  showQr(): Promise<void> {
    return this.#ask('showQr');
  }

  /** A pairing code for this phone number; no QR is reported until `backToQr()`. */
  requestCode(phoneNumber: string, showNotification: boolean): Promise<string> {
    return this.#ask('requestCode', phoneNumber, showNotification);
  }

  backToQr(): Promise<void> {
    return this.#ask('backToQr');
  }

  /** Takes the session back from another browser that opened it. */
  takeover(): Promise<void> {
    return this.#ask('takeover');
  }

  /** Sends a text; resolves when the page has taken it, before any server has. */
  sendText(chatId: string, body: string, quotedMessageId: string | null): Promise<MessageData> {
    return this.#act('sendText', chatId, body, quotedMessageId);
  }

  /** Unlinks this device. The page navigates away meanwhile, which is no error. */
  async logout(): Promise<void> {
    await this.#act('logout').catch((error: unknown) => {
      if (!isNavigationError((error as Error).cause ?? error)) throw error;
    });
  }

  /** The error behind what the page reported or threw. */
  explain(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    const part = missingPart(message);
    if (part !== null) return pageChanged(part, this.#version, error);
    if (isNotThere(error)) return pageNotThere(error);
    return error instanceof Error ? error : new Error(message);
  }

  async #isBooted(): Promise<boolean> {
    return this.#page.evaluate((handle) => handle in window, this.#handle).catch(() => false);
  }

  #receive(event: PageEvent): void {
    if (event.type === 'attached') {
      clearTimeout(this.#deadline);
      this.#version = event.version;
      this.#loader.booted();
      this.#attached.resolve();
      this.#attached = newDeferred();
    } else if (event.type === 'unusable') {
      clearTimeout(this.#deadline);
      this.#loader.booted();
      this.#attached.reject(this.explain(event.reason));
    }
    this.#options.onEvent(event);
  }

  /** However often the page is loaded again, it has one time to boot in. */
  #onLoaded(): void {
    if (this.#wasLoaded || this.#version !== null) return;
    this.#wasLoaded = true;
    this.#armDeadline('did not boot');
  }

  #armDeadline(what: string): void {
    clearTimeout(this.#deadline);
    const seconds = this.#options.patienceMs / 1000;
    this.#deadline = setTimeout(() => {
      const cause = this.#loader.lastError;
      const because = cause instanceof Error ? ` (${cause.message.split('\n', 1)[0]})` : '';
      this.#attached.reject(
        new HoldfastError(
          'AUTH_TIMEOUT',
          `WhatsApp Web ${what} within ${seconds} s${because}. ` +
            'Check the network, or give it longer by the option authTimeoutMs.',
          { cause, transient: true },
        ),
      );
    }, this.#options.patienceMs);
  }

  /** A call that changes nothing, so that it is asked again when the page navigates meanwhile. */
  async #ask<A extends keyof AgentActions>(
    action: A,
    ...args: Parameters<AgentActions[A]>
  ): Promise<Awaited<ReturnType<AgentActions[A]>>> {
    for (;;) {
      const nextBoot = this.#attached.promise;
      try {
        return await this.#evaluate(action, args);
      } catch (error) {
        if (this.#closed || !isNavigationError(error)) throw this.explain(error);
        await nextBoot;
      }
    }
  }

  /** A call that must not happen twice. */
  async #act<A extends keyof AgentActions>(
    action: A,
    ...args: Parameters<AgentActions[A]>
  ): Promise<Awaited<ReturnType<AgentActions[A]>>> {
    return this.#evaluate(action, args).catch((error: unknown) => {
      throw this.explain(error);
    });
  }

  #evaluate<A extends keyof AgentActions>(
    action: A,
    args: Parameters<AgentActions[A]>,
  ): Promise<Awaited<ReturnType<AgentActions[A]>>> {
    return this.#page.evaluate(
      (handle, name, parameters, notThere) => {
        type Action = (...given: unknown[]) => unknown;
        const action = (window as unknown as Record<string, Record<string, Action>>)[handle]?.[
          name
        ];
        // Such as the browser's error page.
        if (!action) throw new Error(notThere);
        return action(...parameters);
      },
      this.#handle,
      action as string,
      args as unknown[],
      NOT_THERE,
    ) as Promise<Awaited<ReturnType<AgentActions[A]>>>;
  }
}

interface Deferred {
  promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function newDeferred(): Deferred {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Nobody need be waiting.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
