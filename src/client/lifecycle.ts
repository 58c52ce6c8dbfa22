import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../errors.js';
import { onShutdown } from '../system/shutdown.js';
import { warn } from '../system/warn.js';
import type { BrowserSession } from './browser-session.js';
import { Run, type RunHost } from './run.js';
import type { RunEnd } from './run-end.js';

/** Pauses before a new browser when unlinks follow each other without a login in between. */
const RELINK_PAUSES_MS = [0, 1_000, 5_000, 15_000, 60_000];

export interface LifecycleHost extends Omit<RunHost, 'onEnd' | 'onBrowser'> {
  /** The browser that runs now, or null when there is none any more. */
  onBrowser(session: BrowserSession | null): void;
}

/**
 * Starts and ends a client's browsers, one at a time, whatever is called when: the one place that
 * knows what may overlap.
 */
export class Lifecycle {
  /** The browser's run, while there is one. */
  run: Run | null = null;
  readonly #host: LifecycleHost;
  /** From the start of a client's life until its end: when it was, or will be, open. */
  #opened: Promise<void> | null = null;
  /** Aborted when the present life is to end, whatever it is at. */
  #life = new AbortController();
  #relinking: Promise<void> | null = null;
  #ending: Promise<void> | null = null;
  #unlinksInARow = 0;
  /** How it went on after a strategy had called its login of no use: part of `start()`. */
  readonly #failedLogins = new WeakMap<Run, Promise<void>>();

  constructor(host: LifecycleHost) {
    this.#host = host;
  }

  /** Opens a browser, unless one is open or being opened already. */
  start(): Promise<void> {
    this.#opened ??= this.#begin();
    return this.#opened;
  }

  /** Ends everything under way; the session stays. */
  end(): Promise<void> {
    return this.#shutDown();
  }

  /** Unlinks the device, ends everything, and lets the strategy remove what it kept. */
  async logout(): Promise<void> {
    const { run } = this;
    if (run === null) {
      throw new HoldfastError('NOT_INITIALIZED', 'There is no session open to log out of.');
    }
    if (run.isLinked) await run.logout();
    const { strategy } = this.#host;
    const forget = async () => strategy.logout?.();
    try {
      if (this.#ending === null) await this.#shutDown(forget);
      else await this.#ending.then(forget);
    } finally {
      this.#host.announce('disconnected', 'LOGOUT');
    }
  }

  noteReady(): void {
    this.#unlinksInARow = 0;
  }

  async #begin(): Promise<void> {
    const life = new AbortController();
    this.#life = life;
    await this.#ending;
    const { settings, strategy } = this.#host;
    if (settings.handleSignals && strategy.handleSignals !== false && !life.signal.aborted) {
      life.signal.addEventListener(
        'abort',
        onShutdown(() => this.#shutDown()),
      );
    }
    let run: Run;
    try {
      run = await this.#open(life.signal);
      await this.#relinking;
    } catch (error) {
      if (life.signal.aborted) throw await this.#destroyed();
      await this.#shutDown().catch(warnOfBadEnd);
      throw error;
    }
    await this.#failedLogins.get(run);
  }

  async #open(signal: AbortSignal): Promise<Run> {
    signal.throwIfAborted();
    const run: Run = new Run({
      ...this.#host,
      onBrowser: (session) => this.#host.onBrowser(session),
      onEnd: (end) => {
        if (run === this.run) this.#onRunEnd(run, end);
      },
    });
    this.run = run;
    await run.open();
    return run;
  }

  /** `whenGone` happens between the end of the browser and the strategy's release. */
  #shutDown(whenGone?: () => Promise<void>): Promise<void> {
    this.#opened = null;
    const { run } = this;
    this.run = null;
    this.#ending ??= this.#end(run, whenGone).finally(() => {
      this.#ending = null;
    });
    const ending = this.#ending;
    // Only now: who is told of the end may wait for it.
    this.#life.abort();
    return ending;
  }

  async #end(run: Run | null, whenGone?: () => Promise<void>): Promise<void> {
    const { strategy } = this.#host;
    const relinking = this.#relinking;
    await run?.close();
    this.#host.onBrowser(null);
    try {
      await whenGone?.();
    } finally {
      await strategy.destroy?.();
      if (run?.isOpening || relinking) {
        // A hook of the strategy was still at work; what it took hold of since goes as well.
        await run?.opened;
        await relinking?.catch(() => undefined);
        await strategy.destroy?.();
      }
    }
  }

  #onRunEnd(run: Run, end: RunEnd): void {
    switch (end.kind) {
      case 'unlinked':
        this.#relink(run).catch(warnOfBadEnd);
        break;
      case 'gone':
        this.#giveUp(run, end).catch(warnOfBadEnd);
        break;
      case 'auth_failure': {
        const failed = this.#failLogin(end);
        failed.catch(warnOfBadEnd);
        this.#failedLogins.set(run, failed);
      }
    }
  }

  /** The session stays as it is; this browser cannot go on with it. */
  async #giveUp(run: Run, end: Extract<RunEnd, { kind: 'gone' }>): Promise<void> {
    const { strategy, announce } = this.#host;
    if (end.error) warn(end.reason, end.error.message);
    const disconnect = async () => {
      if (run.wasLinked) await runHook('disconnect', () => strategy.disconnect?.());
    };
    await this.#shutDown(disconnect).finally(() => announce('disconnected', end.reason));
  }

  /** What the strategy brought is of no use: it says whether to start again without. */
  async #failLogin(end: Extract<RunEnd, { kind: 'auth_failure' }>): Promise<void> {
    const { failureEventPayload, restart } = end.answer;
    await this.#shutDown().catch(warnOfBadEnd);
    const life = new AbortController();
    this.#life = life;
    this.#host.announce('auth_failure', failureEventPayload);
    // Unless a listener has started or destroyed the client itself.
    if (restart && this.#life === life && !life.signal.aborted) await this.start();
  }

  /** The phone unlinked the device: what was kept of it goes, and a new link can be made. */
  async #relink(run: Run): Promise<void> {
    const { signal } = this.#life;
    const relinking = this.#openAnew(run, signal);
    this.#relinking = relinking;
    if (this.#opened !== null) this.#opened = relinking;
    try {
      await relinking;
    } catch (error) {
      if (signal.aborted) return;
      await this.#shutDown().catch(warnOfBadEnd);
      this.#host.announce('auth_failure', (error as Error).message);
    } finally {
      if (this.#relinking === relinking) this.#relinking = null;
    }
  }

  async #openAnew(run: Run, signal: AbortSignal): Promise<void> {
    const { strategy, announce } = this.#host;
    await run.close();
    await run.opened;
    this.#host.onBrowser(null);
    await runHook('unlinked', () =>
      strategy.unlinked ? strategy.unlinked() : strategy.logout?.(),
    );
    announce('disconnected', 'LOGOUT');
    const pause = RELINK_PAUSES_MS[this.#unlinksInARow] ?? RELINK_PAUSES_MS.at(-1);
    this.#unlinksInARow++;
    try {
      await sleep(pause, undefined, { signal });
      await this.#open(signal);
    } catch (error) {
      throw signal.aborted ? destroyed() : error;
    }
  }

  async #destroyed(): Promise<HoldfastError> {
    await this.#ending;
    return destroyed();
  }
}

/** A strategy's failure is its own: the client goes on, and the user is told. */
export async function runHook<T>(
  name: string,
  hook: () => Promise<T> | T,
): Promise<Awaited<T> | undefined> {
  try {
    return await hook();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn('STRATEGY_FAILED', `The strategy's ${name}() failed: ${reason}`);
    return undefined;
  }
}

function warnOfBadEnd(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  warn('END_FAILED', `The session did not end well: ${reason}`);
}

function destroyed(): HoldfastError {
  return new HoldfastError('CLIENT_DESTROYED', 'The client was destroyed while it started.');
}
