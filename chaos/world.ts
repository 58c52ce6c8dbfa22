import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load, startStandIn } from '../bench/built.js';
import { onEnd } from '../bench/cleanup.js';
import type { ObjectStore } from '../src/objects/object-store.js';
import type { StandIn } from '../src/standin/index.js';
import type * as OpenStore from '../src/stores/open-store.js';
import { ChaosSession, temporaryOf } from './chaos-session.js';
import type { Options } from './options.js';
import { openPlace, type Place } from './place.js';
import { Random } from './random.js';
import type { Halt, StoreState } from './worker/messages.js';
import { WorkerProcess } from './worker-process.js';

/** What lives on from round to round. */
export class World {
  /** The same store as the workers', without its failures. */
  readonly store: ObjectStore;
  readonly workers: WorkerProcess[] = [];
  session: ChaosSession;
  /** Holds the session from the last round on. */
  living: WorkerProcess | null = null;
  /** Until then something was left, or could not be swept: a matter of who starts afterwards. */
  troubledUntil = 0;
  /** How often the workers' connections were cut. */
  cuts = 0;
  #state: StoreState = { isAway: false, faults: null };
  #sessions = 0;
  #round = 0;
  #startedInRound = 0;

  private constructor(
    readonly options: Options,
    readonly folder: string,
    readonly standIn: StandIn,
    readonly place: Place,
  ) {
    this.store = load<typeof OpenStore>('stores/open-store.js').openStore(place.url);
    place.startCutting(new Random(options.seed, 0), () => {
      this.cuts++;
      this.troubledUntil = Date.now();
    });
    this.session = this.#newSession();
  }

  static async create(options: Options): Promise<World> {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-chaos-'));
    onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const place = await openPlace(options.store, folder);
    return new World(options, folder, await startStandIn(), place);
  }

  beginRound(number: number): void {
    this.#round = number;
    this.#startedInRound = 0;
  }

  beginSession(): void {
    this.session.end();
    this.session = this.#newSession();
  }

  startWorker(dataPath: string, halt: Halt | null = null): WorkerProcess {
    const { options, place, session, standIn } = this;
    const settings = {
      storeUrl: place.workersUrl,
      clientId: session.clientId,
      dataPath,
      browserArgs: standIn.launchArgs,
      leaseTermMs: options.leaseTermMs,
      intervalMs: options.intervalMs,
      seed: `${options.seed} ${this.#round} ${this.#startedInRound++}`,
      state: this.#state,
      halt,
    };
    const env = { TMPDIR: temporaryOf(dataPath) };
    const worker = new WorkerProcess(settings, env, (event, from) => {
      if (options.trace) console.error(`  ${from.pid} ${JSON.stringify(event)}`);
      session.onEvent(event, from);
    });
    this.workers.push(worker);
    return worker;
  }

  setStore(change: Partial<StoreState>): void {
    const isFailing = ({ isAway, faults }: StoreState) => isAway || faults !== null;
    if (isFailing(this.#state)) this.troubledUntil = Date.now();
    this.#state = { ...this.#state, ...change };
    for (const worker of this.workers) worker.setStore(this.#state);
  }

  #newSession(): ChaosSession {
    return new ChaosSession(++this.#sessions, this.folder, this.standIn, this.options);
  }
}
