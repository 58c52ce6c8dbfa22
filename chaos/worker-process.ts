import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { onEnd } from '../bench/cleanup.js';
import { browserGroupsOf, killGroup } from './processes.js';
import type {
  EventName,
  EventOf,
  Halt,
  StoreState,
  ToWorker,
  WorkerEvent,
  WorkerSettings,
} from './worker/messages.js';

const running = new Set<WorkerProcess>();
onEnd(() => {
  for (const worker of running) worker.killAll();
});

/** A worker as the one who strikes it sees it. */
export class WorkerProcess {
  readonly startedAt = Date.now();
  readonly events: WorkerEvent[] = [];
  readonly exited: Promise<void>;
  /** All browsers that were seen to be its own. */
  readonly browsers = new Set<number>();
  stderr = '';
  hasExited = false;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(
    readonly settings: WorkerSettings,
    env: NodeJS.ProcessEnv,
    onEvent: (event: WorkerEvent, worker: WorkerProcess) => void,
  ) {
    this.#child = fork(path.join(__dirname, 'worker', 'main.js'), {
      env: { ...process.env, ...env, CHAOS_WORKER: JSON.stringify(settings) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    running.add(this);
    this.#child.stderr?.on('data', (data) => {
      this.stderr = (this.stderr + data).slice(-4000);
    });
    this.#child.on('message', (event: WorkerEvent) => {
      this.events.push(event);
      onEvent(event, this);
      this.#changed();
    });
    this.exited = once(this.#child, 'exit').then(() => {
      this.hasExited = true;
      running.delete(this);
      this.#changed();
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('a worker could not be started');
    return this.#child.pid;
  }

  of<E extends EventName>(name: E): EventOf<E>[] {
    return this.events.filter((event): event is EventOf<E> => event.event === name);
  }

  has(name: EventName): boolean {
    return this.events.some(({ event }) => event === name);
  }

  /** Whether it comes to be before the time is over; also false once the process has ended. */
  async until(isMet: () => boolean, patienceMs: number): Promise<boolean> {
    const patience = AbortSignal.timeout(patienceMs);
    while (!isMet()) {
      if (patience.aborted || this.hasExited) return false;
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        patience.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return true;
  }

  haltAt(halt: Halt): void {
    this.#send({ type: 'halt', halt });
  }

  goOn(): void {
    this.#send({ type: 'go-on' });
  }

  setStore(state: StoreState): void {
    this.#send({ type: 'store', state });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Notes and returns the groups of its browsers. */
  findBrowsers(): Set<number> {
    if (!this.hasExited) for (const group of browserGroupsOf(this.pid)) this.browsers.add(group);
    return this.browsers;
  }

  killBrowser(): void {
    for (const group of this.findBrowsers()) killGroup(group);
  }

  killNode(): void {
    this.findBrowsers();
    this.signal('SIGKILL');
  }

  killAll(): void {
    this.killBrowser();
    this.signal('SIGKILL');
  }

  /** Asks it to end properly. @returns whether it did so in time; if not it is killed */
  async end(patienceMs: number): Promise<boolean> {
    this.findBrowsers();
    this.signal('SIGTERM');
    const hasEnded = await this.until(() => this.hasExited, patienceMs);
    if (!hasEnded && !this.hasExited) this.killAll();
    await this.exited;
    return hasEnded || this.#child.signalCode !== 'SIGKILL';
  }

  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
