import { setTimeout as sleep } from 'node:timers/promises';
import { withinTime } from '../../system/within-time.js';
import type { SessionClient } from './session-client.js';
import { endByDisconnect, endByError, type SessionEnd } from './session-end.js';

export interface SessionRunnerOptions<C extends SessionClient = SessionClient> {
  /** A new one for each start. */
  createClient(): C;
  /** How long to pause before the next start, in milliseconds; null: it ends for good. */
  pauseAfter(end: SessionEnd, failures: number): number | null;
  /** Waits until there is room for a start, and starts then. Default: at once. */
  inTurn?: ((start: () => Promise<void>) => Promise<void>) | undefined;
  /** How long a client may take to close, in milliseconds. Default: as long as it takes. */
  closePatienceMs?: number | undefined;
  onStarting?(client: C): void;
  /** It has ended, or was told to: the client is closed next. */
  onClosing?(end: SessionEnd): void;
  onClosed?(): void;
  /** Of a client that is not closed in time. */
  onHung?(client: C): void;
  onPause?(ms: number, end: SessionEnd): void;
}

const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 60_000;

/** Doubles with each failure in a row. */
export function growingPause(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LAST_PAUSE_MS);
}

/** Keeps one session running: a client at a time, and another one after each that has ended. */
export class SessionRunner<C extends SessionClient = SessionClient> {
  readonly #options: SessionRunnerOptions<C>;
  /** The one that runs, starts or closes. */
  client: C | null = null;
  /** In a row, since it was last ready. */
  failures = 0;
  readonly #stopping = new AbortController();
  #pause = new AbortController();
  #suspensions = 0;
  #resume: () => void = () => undefined;
  #cut: () => void = () => undefined;
  #running: Promise<SessionEnd> | null = null;
  #holding: Promise<unknown> = Promise.resolve();

  constructor(options: SessionRunnerOptions<C>) {
    this.#options = options;
  }

  get isSuspended(): boolean {
    return this.#suspensions > 0;
  }

  /** Resolves when it has ended for good. Called again, it is the same run. */
  run(): Promise<SessionEnd> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Closes the client; none is started any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cut();
    this.#pause.abort();
    this.#resume();
    await this.#running?.catch(() => undefined);
  }

  /** Closes the client, and starts none until `resume()` was called as often as this. */
  async suspend(): Promise<void> {
    this.#suspensions++;
    this.#cut();
    this.#pause.abort();
    await this.#holding;
  }

  resume(): void {
    this.#suspensions--;
    if (this.#suspensions === 0) this.#resume();
  }

  /** Starts anew, and forgets what has failed before. */
  async restart(): Promise<void> {
    await this.suspend();
    this.failures = 0;
    this.resume();
  }

  async #run(): Promise<SessionEnd> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#untilResumed();
      if (signal.aborted) return { how: 'told' };
      const holding = this.#hold();
      this.#holding = holding.catch(() => undefined);
      const end = await holding;
      if (signal.aborted) return { how: 'told' };
      if (this.#suspensions > 0 || end.how === 'told') continue;
      this.failures++;
      const ms = this.#options.pauseAfter(end, this.failures);
      if (ms === null) return end;
      this.#pause = new AbortController();
      this.#options.onPause?.(ms, end);
      await sleep(ms, undefined, { signal: this.#pause.signal }).catch(() => undefined);
      if (signal.aborted) return { how: 'told' };
    }
  }

  async #untilResumed(): Promise<void> {
    while (this.#suspensions > 0 && !this.#stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
  }

  async #hold(): Promise<SessionEnd> {
    const client = this.#options.createClient();
    this.client = client;
    const ended = this.#untilEnd(client);
    this.#options.onStarting?.(client);
    const end = await this.#startAndFollow(client, ended);
    this.#options.onClosing?.(end);
    try {
      await this.#close(client);
    } finally {
      this.client = null;
      this.#options.onClosed?.();
    }
    return end;
  }

  #untilEnd(client: C): AwaitedEnd {
    let isStarted = false;
    client.on('ready', () => {
      this.failures = 0;
    });
    const end = new Promise<SessionEnd>((resolve) => {
      this.#cut = () => resolve({ how: 'told' });
      client.on('disconnected', (reason) => {
        // A client goes on by itself after an unlink.
        if (reason !== 'LOGOUT') resolve(endByDisconnect(reason));
      });
      // While it starts, it goes on by itself: with what the store has instead of the disk.
      client.on('auth_failure', () => {
        if (isStarted) resolve(endByDisconnect('LINKING_FAILED'));
      });
    });
    return {
      end,
      noteStarted: () => {
        isStarted = true;
      },
    };
  }

  async #startAndFollow(client: C, { end, noteStarted }: AwaitedEnd): Promise<SessionEnd> {
    let isOver = false;
    const start = async () => {
      if (!isOver) await client.initialize();
    };
    const inTurn = this.#options.inTurn ?? ((work) => work());
    const started = inTurn(start).then(noteStarted);
    started.catch(() => undefined);
    try {
      await Promise.race([started, end]);
      return await end;
    } catch (error) {
      return endByError(error);
    } finally {
      isOver = true;
    }
  }

  async #close(client: C): Promise<void> {
    const { closePatienceMs, onHung } = this.#options;
    const closed = client.destroy().then(() => true);
    if (closePatienceMs === undefined) await closed;
    else if (!(await withinTime(closePatienceMs, closed))) onHung?.(client);
  }
}

interface AwaitedEnd {
  end: Promise<SessionEnd>;
  noteStarted(): void;
}
