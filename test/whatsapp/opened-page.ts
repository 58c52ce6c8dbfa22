import path from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer-core';
import type { PageEvent } from '../../src/whatsapp/page-events.js';
import type * as pageModule from '../../src/whatsapp/whatsapp-page.js';
import type { WhatsAppPage, WhatsAppPageOptions } from '../../src/whatsapp/whatsapp-page.js';
import { BUILD, CHROMIUM, type StandIn } from '../client/support.js';
import { browserArgs } from '../standin/stand-in.js';

const built: typeof pageModule = await import(
  pathToFileURL(path.join(BUILD, 'whatsapp/whatsapp-page.js')).href
);

const PATIENCE_MS = 45_000;

type EventOf<T extends PageEvent['type']> = Extract<PageEvent, { type: T }>;

/** A browser that the stand-in is WhatsApp Web for. */
export function launchOn(standIn: StandIn): Promise<Browser> {
  return puppeteer.launch({ executablePath: CHROMIUM, args: browserArgs(standIn), pipe: true });
}

/** WhatsApp Web in a page of its own, and all it reports. */
export class OpenedPage {
  readonly events: PageEvent[] = [];
  readonly whatsApp: WhatsAppPage;
  readonly opened: Promise<void>;
  #onEvent: () => void = () => undefined;

  private constructor(
    readonly page: Page,
    options: Partial<WhatsAppPageOptions>,
  ) {
    this.whatsApp = new built.WhatsAppPage(page, {
      patienceMs: 30_000,
      ...options,
      onEvent: (event) => {
        this.events.push(event);
        this.#onEvent();
      },
    });
    this.opened = this.whatsApp.open();
    this.opened.catch(() => undefined);
  }

  /** Starts opening it; `prepare` gets the page before. */
  static async start(
    context: BrowserContext,
    options: Partial<WhatsAppPageOptions> = {},
    prepare: (page: Page) => unknown = () => undefined,
  ): Promise<OpenedPage> {
    const page = await context.newPage();
    await prepare(page);
    return new OpenedPage(page, options);
  }

  of<T extends PageEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** The event's n-th time, which may be past. */
  async until<T extends PageEvent['type']>(type: T, times = 1): Promise<EventOf<T>> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const event = this.of(type)[times - 1];
      if (event !== undefined) return event;
      await new Promise<void>((resolve, reject) => {
        this.#onEvent = resolve;
        deadline.onabort = () => {
          const seen = this.events.map(({ type }) => type).join(', ') || 'none';
          reject(new Error(`no "${type}" within ${PATIENCE_MS} ms; events: ${seen}`));
        };
      });
    }
  }

  async close(): Promise<void> {
    this.whatsApp.close();
    await this.page.close();
  }
}
