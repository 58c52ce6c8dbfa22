import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetMessage } from '../../fleet/fleet-events.js';
import type { Happening, SessionView, WorkerView } from '../../fleet/session-view.js';
import type { Log } from '../log/log.js';
import type { PeerClient } from '../peers/peer-client.js';
import type { PeerListeners } from './peer-mirrors.js';
import { readEvents } from './read-events.js';

/** A heartbeat comes every 15 s. */
const MOST_SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** What one event or another says. */
interface Told {
  id: string;
  sessions: SessionView[];
  happening: Happening;
  message: FleetMessage;
}

/** What another worker tells of the sessions that it holds, as long as it can be reached. */
export class PeerMirror {
  readonly #worker: WorkerView;
  readonly #client: PeerClient;
  readonly #listeners: PeerListeners;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #views = new Map<string, SessionView>();
  #isConnected = false;
  #unreachableSince: string | null = null;

  constructor(worker: WorkerView, client: PeerClient, listeners: PeerListeners, log: Log) {
    this.#worker = worker;
    this.#client = client;
    this.#listeners = listeners;
    this.#log = log;
    void this.#follow();
  }

  get address(): string {
    return this.#worker.address;
  }

  /** Null: it can be reached, or was not asked yet. */
  get unreachableSince(): string | null {
    return this.#unreachableSince;
  }

  view(id: string): SessionView | undefined {
    return this.#views.get(id);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const reason = await this.#read().then(
        () => 'it has ended the connection',
        (error: unknown) => (error instanceof Error ? causeOf(error) : String(error)),
      );
      if (signal.aborted) return;
      if (this.#isConnected) pause = FIRST_PAUSE_MS;
      this.#lost(reason);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  async #read(): Promise<void> {
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, silence.signal]);
    const isSilent = () => silence.abort(new Error('it says nothing any more'));
    let timer = setTimeout(isSilent, MOST_SILENCE_MS);
    try {
      const response = await this.#client.ask(this.#worker, {
        method: 'GET',
        path: '/peer/events',
        role: 'admin',
        signal,
      });
      if (!response.ok || response.body === null) throw new Error(await refusalOf(response));
      for await (const { name, data } of readEvents(response.body, signal)) {
        clearTimeout(timer);
        timer = setTimeout(isSilent, MOST_SILENCE_MS);
        if (name !== null) this.#take(name, JSON.parse(data));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #take(name: string, data: unknown): void {
    const { onSession, onHappening, onMessage } = this.#listeners;
    const told = data as Told;
    if (name === 'state') this.#reached(told.sessions);
    if (name === 'session') {
      const view = data as SessionView;
      this.#views.set(view.id, view);
      onSession(view.id);
    }
    if (name === 'removed') {
      this.#views.delete(told.id);
      onSession(told.id);
    }
    if (name === 'happening') onHappening(told.id, told.happening);
    if (name === 'message') onMessage(told.id, told.message);
  }

  #reached(sessions: SessionView[]): void {
    this.#views.clear();
    for (const view of sessions) this.#views.set(view.id, view);
    if (this.#unreachableSince !== null) {
      this.#log.write('info', 'worker_reached', { worker: this.#worker.id });
    }
    this.#isConnected = true;
    this.#unreachableSince = null;
    this.#listeners.onChange();
  }

  #lost(reason: string): void {
    this.#isConnected = false;
    this.#views.clear();
    if (this.#unreachableSince !== null) return;
    this.#unreachableSince = new Date().toISOString();
    const { id: worker, address } = this.#worker;
    this.#log.write('warn', 'worker_unreachable', { worker, address, message: reason });
    this.#listeners.onChange();
  }
}

async function refusalOf(response: Response): Promise<string> {
  const text = (await response.text()).slice(0, 500);
  return `it answers ${response.status}: ${text}`;
}

/** `fetch` itself says only that it failed. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
