import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load, startStandIn } from '../../bench/built.js';
import { onEnd } from '../../bench/cleanup.js';
import type { ObjectStore } from '../../src/objects/object-store.js';
import type { StandIn } from '../../src/standin/index.js';
import type * as OpenStore from '../../src/stores/open-store.js';
import { openPlace, type Place } from '../place.js';
import { Random } from '../random.js';
import { encryptionKey } from '../store-check.js';
import { FleetApi } from './fleet-api.js';
import { FleetSession } from './fleet-session.js';
import type { FleetOptions } from './options.js';
import { ServeProcess } from './serve-process.js';

const START_PATIENCE_MS = 60_000;
const LINK_PATIENCE_MS = 120_000;
const LOOK_MS = 100;
/** The first phone; the others have the numbers after it. */
const FIRST_NUMBER = 12_025_550_200;

/** What lives on from round to round. */
export class FleetWorld {
  /** The same store as the workers'. */
  readonly store: ObjectStore;
  readonly api: FleetApi;
  readonly sessions: FleetSession[];
  /** All that were ever started. */
  readonly workers: ServeProcess[] = [];
  /** How often the workers' connections to the store were cut. */
  cuts = 0;
  readonly #secrets: Record<string, string>;
  #disks = 0;

  private constructor(
    readonly options: FleetOptions,
    readonly folder: string,
    readonly standIn: StandIn,
    readonly place: Place,
  ) {
    this.store = load<typeof OpenStore>('stores/open-store.js').openStore(place.url);
    place.startCutting(new Random(options.seed, 0), () => {
      this.cuts++;
    });
    const token = randomBytes(32).toString('hex');
    this.#secrets = {
      HOLDFAST_KEY: encryptionKey.toString('base64'),
      HOLDFAST_ADMIN_TOKEN: token,
      HOLDFAST_VIEWER_TOKEN: randomBytes(32).toString('hex'),
      HOLDFAST_FLEET_SECRET: randomBytes(32).toString('hex'),
    };
    this.api = new FleetApi(() => this.active, token);
    const traffic = { perSecond: options.rate, bytes: options.bytes };
    this.sessions = Array.from({ length: options.sessions }, (_, index) => {
      const phone = standIn.addPhone(String(FIRST_NUMBER + index));
      return new FleetSession(`fleet${index + 1}`, phone, traffic);
    });
  }

  static async create(options: FleetOptions): Promise<FleetWorld> {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-chaos-'));
    onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const place = await openPlace(options.store, folder);
    return new FleetWorld(options, folder, await startStandIn(), place);
  }

  /** The workers that can be asked, the oldest first. */
  get active(): ServeProcess[] {
    return this.workers.filter(({ isActive }) => isActive);
  }

  /** An empty disk: what another machine would have. */
  newDisk(): string {
    const disk = path.join(this.folder, `disk-${++this.#disks}`);
    mkdirSync(path.join(disk, 'data'), { recursive: true });
    mkdirSync(path.join(disk, 'tmp'));
    return disk;
  }

  /** Those of workers that are gone, unless another one has them. */
  removeUnusedDisks(): void {
    const used = new Set(this.workers.filter(({ hasExited }) => !hasExited).map(diskOf));
    for (const disk of this.workers.map(diskOf)) {
      if (!used.has(disk)) rmSync(disk, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  async startWorker(disk: string): Promise<ServeProcess> {
    const { options, place, standIn } = this;
    const settings = {
      storeUrl: place.workersUrl,
      port: await freePort(),
      disk,
      // Any one may have to carry all of them.
      capacity: options.sessions,
      leaseTermMs: options.leaseTermMs,
      browserArgs: standIn.launchArgs,
      secrets: this.#secrets,
    };
    const worker = new ServeProcess(settings, (text, { pid }) => {
      if (options.trace) console.error(text.trimEnd().replace(/^/gm, `  ${pid} `));
    });
    this.workers.push(worker);
    return worker;
  }

  /** Waits until the worker has its place in the fleet. */
  async untilReady(worker: ServeProcess): Promise<void> {
    await until('a worker was not ready', START_PATIENCE_MS, async () => {
      if (worker.hasExited) throw new Error(`a worker ended at once: ${worker.output}`);
      return this.api.isReady(worker);
    });
  }

  /** Puts all sessions on the roster and links each with its phone. */
  async linkAll(): Promise<void> {
    await Promise.all(this.sessions.map(({ id }) => this.api.add(id)));
    await Promise.all(this.sessions.map((session) => this.#link(session)));
  }

  async #link(session: FleetSession): Promise<void> {
    let refusal: unknown;
    await until(`${session.id} was not linked`, LINK_PATIENCE_MS, async () => {
      try {
        await session.scan(await this.api.qr(session.id));
      } catch (error) {
        // No code is shown yet, or it was no longer valid.
        refusal = error;
      }
      return session.isLinked;
    }).catch((cause: Error) => {
      throw new Error(`${cause.message}: ${refusal}`);
    });
  }
}

function diskOf({ settings }: ServeProcess): string {
  return settings.disk;
}

async function until(
  otherwise: string,
  patienceMs: number,
  isMet: () => Promise<boolean>,
): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (!(await isMet())) {
    if (Date.now() > giveUpAt) throw new Error(`${otherwise} within ${patienceMs} ms`);
    await sleep(LOOK_MS);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
