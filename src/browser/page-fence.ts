import { setTimeout as sleep } from 'node:timers/promises';
import type { DevToolsSession } from '../profile/devtools-page.js';
import type { PuppeteerPage } from './live-page.js';
import { type DocumentFence, fenceSource } from './page-fence-script.js';

export interface PageFenceOptions {
  /** For how long this process may be silent before the page goes. */
  limitMs: number;
  /** Called each time it turns out that the page has gone, or is going, to `about:blank`. */
  onFenced(): void;
}

export interface PageFence {
  /**
   * Lets the page live on without being fed. Never fails, also when the page is gone; takes no
   * longer than the limit. May be called again.
   */
  stop(): Promise<void>;
}

const WORLD = 'holdfast-fence';
const NAME = 'holdfastFence';
const DISARM_RETRY_MS = 20;

type Answer = ReturnType<DocumentFence[keyof DocumentFence]> | 'not armed' | 'not there' | 'gone';

/**
 * Fences a page against this process being stopped (SIGSTOP, a paused container, a suspended
 * laptop): every http(s) document in its top frame goes to `about:blank` when it was not fed for
 * longer than the limit. A new document counts as fed at its start. Where everything was stopped,
 * this process finds out about itself, and sends the page away first of all.
 *
 * A page that goes to `about:blank` for any other reason is taken for one that was fenced: call
 * `stop()` before that.
 */
export async function fencePage(
  page: PuppeteerPage,
  options: PageFenceOptions,
): Promise<PageFence> {
  const session = await page.createCDPSession();
  const fence = new FedPage(session, options);
  try {
    await fence.install();
  } catch (error) {
    await session.detach().catch(ignore);
    throw error;
  }
  return fence;
}

interface FrameInfo {
  id: string;
  parentId?: string;
  url: string;
}

class FedPage implements PageFence {
  readonly #session: DevToolsSession;
  readonly #limitMs: number;
  readonly #onFenced: () => void;
  #script: unknown;
  #isArmed = false;
  #timer: NodeJS.Timeout | undefined;
  #pulse: NodeJS.Timeout | undefined;
  #lastPulse = momentNow();
  #stopped: Promise<void> | undefined;

  constructor(session: DevToolsSession, { limitMs, onFenced }: PageFenceOptions) {
    this.#session = session;
    this.#limitMs = limitMs;
    this.#onFenced = onFenced;
  }

  async install(): Promise<void> {
    this.#session.on('Page.frameNavigated', this.#onNavigated);
    // Scripts for new documents run only while it is enabled.
    await this.#session.send('Page.enable');
    const { identifier } = (await this.#session.send('Page.addScriptToEvaluateOnNewDocument', {
      source: fenceSource(NAME, this.#limitMs),
      worldName: WORLD,
      runImmediately: true,
    })) as { identifier: unknown };
    this.#script = identifier;
    this.#isArmed = isFenceable(await this.#mainFrame());
    this.#lastPulse = momentNow();
    this.#pulse = setInterval(() => void this.#feelPulse(), this.#limitMs / 10).unref();
    this.#feedIn(this.#limitMs / 5);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#release();
    return this.#stopped;
  }

  async #release(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#pulse);
    this.#session.off('Page.frameNavigated', this.#onNavigated);
    const limit = new AbortController();
    // A document that does not answer for so long has struck.
    const limitPassed = sleep(this.#limitMs, undefined, { signal: limit.signal }).catch(ignore);
    await Promise.race([this.#disarm(limit.signal).catch(ignore), limitPassed]);
    await Promise.race([this.#session.detach().catch(ignore), limitPassed]);
    limit.abort();
  }

  async #disarm(signal: AbortSignal): Promise<void> {
    await this.#session.send('Page.removeScriptToEvaluateOnNewDocument', {
      identifier: this.#script,
    });
    while (!signal.aborted && (await this.#tell('disarm')) === 'not there')
      await sleep(DISARM_RETRY_MS);
  }

  /** @returns false when this process had stood still for longer than the limit */
  #feelPulse(): boolean {
    const silentMs = elapsedMs(this.#lastPulse);
    this.#lastPulse = momentNow();
    if (silentMs <= this.#limitMs) return true;
    // One clock serves both: the browser runs on this machine.
    void this.#tell('strike', Date.now()).then((answer) => {
      if (answer === 'struck') this.#struck();
    });
    return false;
  }

  #feedIn(pauseMs: number): void {
    if (this.#stopped) return;
    // The next one is only planned when this one has its answer: never two at once.
    this.#timer = setTimeout(() => void this.#feed(), pauseMs).unref();
  }

  async #feed(): Promise<void> {
    // After a stop this timer may come before that of the pulse.
    const answer = this.#feelPulse() ? await this.#tell('feed') : 'struck';
    if (answer === 'gone') return;
    if (answer === 'struck') this.#struck();
    this.#feedIn(this.#limitMs / (answer === 'not there' ? 20 : 5));
  }

  /**
   * The fence's context is looked up each time: its id dies with the document, and may then be
   * another's in the next one's process.
   */
  async #tell(what: keyof DocumentFence, argument?: number): Promise<Answer> {
    try {
      const frame = await this.#mainFrame();
      const world = (await this.#session.send('Page.createIsolatedWorld', {
        frameId: frame.id,
        worldName: WORLD,
      })) as { executionContextId: number };
      const { result } = (await this.#session.send('Runtime.evaluate', {
        contextId: world.executionContextId,
        expression: `globalThis.${NAME}?.${what}(${argument ?? ''})`,
        returnByValue: true,
      })) as { result: { value?: Answer } };
      return result.value ?? (isFenceable(frame) ? 'not there' : 'not armed');
    } catch (error) {
      return isGone(error) ? 'gone' : 'not there';
    }
  }

  async #mainFrame(): Promise<FrameInfo> {
    const { frameTree } = (await this.#session.send('Page.getFrameTree')) as {
      frameTree: { frame: FrameInfo };
    };
    return frameTree.frame;
  }

  readonly #onNavigated = (event: unknown): void => {
    const { frame } = event as { frame: FrameInfo };
    if (frame.parentId !== undefined) return;
    if (frame.url === 'about:blank') this.#struck();
    this.#isArmed = isFenceable(frame);
  };

  #struck(): void {
    if (!this.#isArmed || this.#stopped) return;
    this.#isArmed = false;
    this.#onFenced();
  }
}

/** performance.now() stands still while the machine is suspended, and Date.now() may be set back. */
interface Moment {
  steady: number;
  clock: number;
}

function momentNow(): Moment {
  return { steady: performance.now(), clock: Date.now() };
}

function elapsedMs(since: Moment): number {
  const now = momentNow();
  return Math.max(now.steady - since.steady, now.clock - since.clock);
}

function isFenceable(frame: FrameInfo): boolean {
  return /^https?:/.test(frame.url);
}

/** Not "Inspected target navigated or closed", which it says of a page that navigates. */
function isGone(error: unknown): boolean {
  return /(session|target|connection) closed|already detached|session with given id not found/i.test(
    String(error),
  );
}

function ignore(): void {}
