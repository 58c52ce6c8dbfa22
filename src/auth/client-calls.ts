import type { StrategyClient } from './auth-strategy.js';
import { browserRuns } from './former-browser.js';

/** Who is behind a call of a hook. */
export interface ClientCalls {
  /** Whether `client.initialize()` has called: to be read before anything is awaited. */
  readonly isStarting: boolean;
  /** Whether `client.logout()` was called since the last start, as far as can be told. */
  readonly isLoggingOut: boolean;
}

/** What of whatsapp-web.js's Client is called by its users, or on each navigation. */
interface ForeignClient extends StrategyClient {
  initialize?(): Promise<void>;
  logout?(): Promise<void>;
  inject?(): Promise<void>;
  lastLoggedOut?: boolean;
}

/**
 * Listens to the methods of whatsapp-web.js's Client. It calls the hooks not only from them, but
 * also from a listener for navigations that nobody waits for: after an unlink as after
 * `client.logout()`, when the browser may be gone already. Holdfast's Client is left as it is.
 */
export function followCalls(client: StrategyClient): ClientCalls {
  const calls = { isStarting: true, isLoggingOut: true };
  const foreign: ForeignClient = client;
  const { initialize, logout, inject } = foreign;
  if (client.handlesSignals === true || !initialize || !logout || !inject) return calls;
  let starts = 0;
  calls.isStarting = false;
  calls.isLoggingOut = false;
  foreign.initialize = async () => {
    // It stays true after a logout whose navigation was not seen, and would make the next one,
    // whatever it is, an unlink.
    foreign.lastLoggedOut = false;
    calls.isLoggingOut = false;
    const former = client.pupBrowser;
    starts++;
    try {
      calls.isStarting = true;
      // Calls `beforeBrowserInitialized` before it returns.
      const started = initialize.call(client);
      calls.isStarting = false;
      await started;
    } catch (error) {
      // It would leave the browser that it has started, and with it the session, as they are.
      const runsAsBefore = browserRuns(client) && client.pupBrowser === former;
      if (starts === 1 && !runsAsBefore) await client.destroy().catch(() => undefined);
      throw error;
    } finally {
      starts--;
    }
  };
  foreign.logout = async () => {
    calls.isLoggingOut = true;
    await logout.call(client);
  };
  foreign.inject = async () => {
    if (starts > 0) return inject.call(client);
    // From its listener, where an error would end the process. On an empty page it would wait, and
    // then go on in the page that follows, beside the call for that one.
    if (isOnPage(client)) await inject.call(client).catch(passOverIfInterrupted);
  };
  return calls;
}

function isOnPage(client: StrategyClient): boolean {
  return browserRuns(client) && /^https?:/.test(client.pupPage?.url() ?? '');
}

/** The page was closed, or it has left for another document, for which there is another call. */
function passOverIfInterrupted(error: unknown): void {
  if (/context was destroyed|context with|detached|closed/i.test(String(error))) return;
  throw error;
}
