import { untilBrowserEnded } from '../browser/end-browser-process.js';
import type { StrategyClient } from './auth-strategy.js';

/** whatsapp-web.js's Client starts to close a browser straight after it has said so. */
const CLOSE_PATIENCE_MS = 10_000;

export function browserRuns({ pupBrowser }: StrategyClient): boolean {
  return pupBrowser?.connected === true;
}

/**
 * For a start by a listener of `disconnected`, which comes before whatsapp-web.js's Client closes the
 * browser.
 *
 * @returns false when nobody has closed it
 */
export async function untilClosing(client: StrategyClient): Promise<boolean> {
  const { pupBrowser } = client;
  if (!pupBrowser || !browserRuns(client)) return true;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CLOSE_PATIENCE_MS);
    pupBrowser.once('disconnected', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return !browserRuns(client);
}

/**
 * whatsapp-web.js's Client, destroyed twice at once, calls us the second time while the browser is
 * still at flushing.
 */
export async function untilEnded(client: StrategyClient): Promise<void> {
  if (client.pupBrowser && !browserRuns(client)) await untilBrowserEnded(client.pupBrowser);
}
