import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../errors.js';
import type { LiveCookie, LivePage, LiveValues, StorageArea } from './live-values.js';

/** What is needed of a DevTools session of a page; Puppeteer's and Playwright's have it. */
export interface DevToolsSession {
  send(method: string, params?: object): Promise<unknown>;
  on(event: string, listener: (event: unknown) => void): unknown;
  off(event: string, listener: (event: unknown) => void): unknown;
  detach(): Promise<void>;
}

/** A live page that also tells when its localStorage changes, so that nobody has to poll. */
export interface WatchablePage extends LivePage {
  /**
   * Calls `listener` at each change of localStorage by a page of this origin, with a delay of
   * milliseconds. Changes of cookies are not told. Resolves, with what stops it, when it listens.
   */
  onChange(listener: () => void): Promise<() => void>;
  /** Lets go of the page, which lives on. May be called again, and when the page is gone. */
  close(): Promise<void>;
}

const CHANGES = [
  'DOMStorage.domStorageItemAdded',
  'DOMStorage.domStorageItemRemoved',
  'DOMStorage.domStorageItemUpdated',
  'DOMStorage.domStorageItemsCleared',
];

/** A page that is just navigating is neither here nor there for some milliseconds. */
const TRIES = 20;
const PAUSE_MS = 10;

/** A page as a capture sees it, through a DevTools session of it. */
export function livePageOf(session: DevToolsSession): WatchablePage {
  return livePageOfOpening(() => Promise.resolve(session));
}

/** The same; the session is opened when it is needed first. */
export function livePageOfOpening(openSession: () => Promise<DevToolsSession>): WatchablePage {
  let opening: Promise<DevToolsSession> | undefined;
  const open = () => {
    opening ??= openSession().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    readLiveValues: () => orCaptureFailed(async () => readLiveValues(await open())),
    onChange: (listener) => orCaptureFailed(async () => watch(await open(), listener)),
    close: async () => {
      const session = await opening?.catch(() => undefined);
      await session?.detach().catch(() => undefined);
    },
  };
}

/**
 * Gives a browser back the cookies that {@link LivePage.readLiveValues} read. One that it does not
 * take is left out.
 */
export async function putBackCookies(
  session: Pick<DevToolsSession, 'send'>,
  cookies: readonly LiveCookie[],
): Promise<void> {
  if (cookies.length === 0) return;
  const set = (some: readonly LiveCookie[]) =>
    session.send('Storage.setCookies', { cookies: some });
  try {
    await set(cookies);
  } catch {
    // One that is refused takes all others with it.
    for (const cookie of cookies) await set([cookie]).catch(() => undefined);
  }
}

async function readLiveValues(session: DevToolsSession): Promise<LiveValues> {
  const localStorage = await readLocalStorage(session);
  const { cookies } = (await session.send('Storage.getCookies')) as { cookies: LiveCookie[] };
  return { localStorage, cookies };
}

/** The areas of the main frame's origin: one, or none where there is no localStorage. */
async function readLocalStorage(session: DevToolsSession): Promise<StorageArea[]> {
  for (let tries = 1; ; tries++) {
    const origin = await readOrigin(session);
    if (origin === undefined) return [];
    try {
      return [await readArea(session, origin)];
    } catch (error) {
      // Only an origin that is open can be asked for.
      if (tries === TRIES || !/Frame not found/.test(String(error))) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** Undefined for documents without an origin of their own, such as about:blank and error pages. */
async function readOrigin(session: DevToolsSession): Promise<string | undefined> {
  const { frameTree } = (await session.send('Page.getFrameTree')) as {
    frameTree: { frame: { securityOrigin: string } };
  };
  const { securityOrigin } = frameTree.frame;
  return securityOrigin === '://' ? undefined : securityOrigin;
}

async function readArea(session: DevToolsSession, origin: string): Promise<StorageArea> {
  // A main frame's storage key is its origin; with a slash behind it, in this notation.
  const storageId = { storageKey: `${origin}/`, securityOrigin: origin, isLocalStorage: true };
  const { entries } = (await session.send('DOMStorage.getDOMStorageItems', { storageId })) as {
    entries: [key: string, value: string][];
  };
  return { origin, items: entries.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

async function watch(session: DevToolsSession, listener: () => void): Promise<() => void> {
  const onChange = (event: unknown) => {
    const { storageId } = event as { storageId: { isLocalStorage: boolean } };
    if (storageId.isLocalStorage) listener();
  };
  for (const event of CHANGES) session.on(event, onChange);
  const stop = () => {
    for (const event of CHANGES) session.off(event, onChange);
  };
  try {
    await session.send('DOMStorage.enable');
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}

async function orCaptureFailed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HoldfastError(
      'CAPTURE_FAILED',
      `What the page holds in memory cannot be read: ${reason}. Is the page still open?`,
      { cause, transient: true },
    );
  }
}
