import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { fencePage, type PageFence } from '../../browser/page-fence.js';
import { HoldfastError } from '../../errors.js';
import { WHATSAPP_ADDRESS } from '../../whatsapp/page-loader.js';

export interface GuardedPageOptions {
  /** For how long this process may be silent before the page goes. */
  limitMs: number;
  /** Rejects when the page may not be used, or while that cannot be known. */
  confirm(): Promise<void>;
}

const RETRY_MS = 1000;

/**
 * Fences the page of a session against this process being stopped, and leads it back when the
 * process goes on and may use the session still.
 */
export async function guardPage(
  page: Page,
  { limitMs, confirm }: GuardedPageOptions,
): Promise<PageFence> {
  let isStopped = false;
  const returnToPage = async () => {
    for (let pause = RETRY_MS; !isStopped && !page.isClosed(); pause *= 2) {
      try {
        await confirm();
        await page.goto(WHATSAPP_ADDRESS, { waitUntil: 'domcontentloaded' });
        return;
      } catch (error) {
        if (error instanceof HoldfastError && error.code === 'LEASE_LOST') return;
        await sleep(pause, undefined, { ref: false });
      }
    }
  };
  const fence = await fencePage(page, { limitMs, onFenced: () => void returnToPage() });
  return {
    stop() {
      isStopped = true;
      return fence.stop();
    },
  };
}
