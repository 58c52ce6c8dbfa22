import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { placeOfThisProcess } from '../../system/process-place.js';
import { identifyProcess, type ProcessIdentity } from '../../system/processes.js';
import { newNonce } from '../head.js';
import { buryWorker, endBrowsersOf, isSurelyGone } from './bury-worker.js';
import { readWorker } from './read-worker.js';
import { encodeWorkerCell, WORKERS_PREFIX, type WorkerCell, workerKey } from './worker-cell.js';

/** A cell is renewed so often within a term that two renewals may fail. */
const RENEWALS_PER_TERM = 3;
/** And tried again this often while they fail. */
const TRIES_PER_TERM = 10;
/** One request that hangs must not use up the term: another may be answered. */
const PATIENCE_SHARE = 1 / 5;
/** A store over a network, or a busy machine, may need as much. */
const LEAST_PATIENCE_MS = 1_000;

/**
 * This process as others see it in a store: one cell that it renews, however many sessions it
 * holds. It is dead when somebody has declared it so, who had heard nothing of it for its whole
 * term; then nothing that it held is its own any more.
 */
export class Worker {
  readonly id = randomBytes(16).toString('hex');
  readonly termMs: number;
  readonly #store: ObjectStore;
  #version: string | null = null;
  #cell: WorkerCell;
  /** Of renewals whose answers were lost, and when they began: any may be the one in the store. */
  #sentBeats = new Map<string, number>();
  #renewedAt = Number.NEGATIVE_INFINITY;
  #isDead = false;
  #hasLeft = false;
  #hasSwept = false;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();
  readonly #sessions = new Map<string, WorkerSession>();

  private constructor(store: ObjectStore, termMs: number, cell: Omit<WorkerCell, 'worker'>) {
    this.#store = store;
    this.termMs = termMs;
    this.#cell = { ...cell, worker: this.id };
  }

  /** Makes the worker's cell, and sweeps those of workers of this machine that are gone. */
  static async start(store: ObjectStore, termMs: number): Promise<Worker> {
    const worker = new Worker(store, termMs, {
      beat: newNonce(),
      termMs,
      host: hostname(),
      process: (await identifyProcess(process.pid)) ?? { pid: process.pid, startTime: '' },
      place: await placeOfThisProcess(),
      browsers: [],
      wanted: [],
      isDead: false,
      about: null,
    });
    await worker.renew();
    await worker.#sweep();
    worker.#schedule(termMs / RENEWALS_PER_TERM);
    return worker;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Whether it was renewed within its term: until then nobody can have declared it dead. */
  get isRenewed(): boolean {
    return !this.#isDead && this.msSinceRenewal < this.termMs;
  }

  /** Since its last renewal that is known to have reached the store was begun. */
  get msSinceRenewal(): number {
    return performance.now() - this.#renewedAt;
  }

  /** The next renewal says it. */
  setAbout(about: string): void {
    this.#cell = { ...this.#cell, about };
  }

  /** False when this process holds the session already. */
  claim(session: string, events: WorkerSession): boolean {
    if (this.#sessions.has(session)) return false;
    this.#sessions.set(session, events);
    return true;
  }

  /** Asks whoever holds the session in this process to release it. */
  ask(session: string): void {
    this.#hear([session]);
  }

  unclaim(session: string): void {
    this.#sessions.delete(session);
  }

  /** Says which browser runs, so that it is ended before another worker here takes over. */
  async noteBrowser(browser: ProcessIdentity): Promise<void> {
    this.#cell = { ...this.#cell, browsers: [...this.#cell.browsers, browser] };
    await this.renew();
  }

  /** The next renewal says it. */
  forgetBrowser(browser: ProcessIdentity): void {
    const browsers = this.#cell.browsers.filter(
      ({ pid, startTime }) => pid !== browser.pid || startTime !== browser.startTime,
    );
    this.#cell = { ...this.#cell, browsers };
  }

  /**
   * Renews the cell now. It is also how to find out whether the worker still lives.
   *
   * @throws {HoldfastError} LEASE_LOST, and the store's errors while that cannot be known
   */
  renew(): Promise<void> {
    const renewed = this.#renewing.then(() => this.#renew());
    this.#renewing = renewed.catch(() => undefined);
    return renewed;
  }

  /** Removes the cell. What it held has to be released before. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    clearTimeout(this.#timer);
    await this.#renewing;
    if (!this.#isDead) await this.#store.delete([workerKey(this.id)]);
  }

  async #renew(): Promise<void> {
    if (this.#isDead) throw leaseLost();
    while (!this.#hasLeft) {
      const startedAt = performance.now();
      const cell = { ...this.#cell, beat: newNonce(), wanted: [] };
      this.#sentBeats.set(cell.beat, startedAt);
      try {
        const value = encodeWorkerCell(cell);
        const version = await this.#inTime((signal) =>
          this.#store.swapCell(workerKey(this.id), value, this.#version, signal),
        );
        this.#accept(cell, version, startedAt);
        return;
      } catch (error) {
        if (await this.#settle(error)) return;
      }
    }
  }

  #inTime<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // No term runs yet: the store has its own limits, and has perhaps to be connected to first.
    if (this.#version === null) return request(new AbortController().signal);
    const patienceMs = Math.max(this.termMs * PATIENCE_SHARE, LEAST_PATIENCE_MS);
    return givenUpAfter(patienceMs, request);
  }

  /** @returns false when the renewal is to be repeated: somebody has only asked for a session */
  async #settle(error: unknown): Promise<boolean> {
    const now = await this.#inTime((signal) => readWorker(this.#store, this.id, signal));
    if (now === null && this.#version === null) throw error;
    if (now === null || now.cell.isDead) {
      this.#die();
      throw leaseLost();
    }
    const startedAt = this.#sentBeats.get(now.cell.beat);
    if (now.cell.beat !== this.#cell.beat && startedAt !== undefined) {
      this.#accept({ ...this.#cell, beat: now.cell.beat }, now.version, startedAt);
      this.#hear(now.cell.wanted);
      return true;
    }
    this.#version = now.version;
    this.#hear(now.cell.wanted);
    const isConflict = error instanceof HoldfastError && error.code === 'CELL_CONFLICT';
    // The store answers: only that request was lost.
    if (!isConflict && !(error instanceof Unanswered)) throw error;
    return false;
  }

  /** What cannot be swept now is swept after a later renewal. */
  async #sweep(): Promise<void> {
    if (this.#hasSwept) return;
    try {
      await sweepDeadWorkers(this.#store, this.id);
      this.#hasSwept = true;
    } catch {
      // It is in nobody's way.
    }
  }

  #accept(cell: WorkerCell, version: string, startedAt: number): void {
    this.#cell = { ...this.#cell, beat: cell.beat };
    this.#version = version;
    this.#sentBeats = new Map();
    this.#renewedAt = startedAt;
  }

  #hear(wanted: readonly string[]): void {
    for (const session of wanted) this.#sessions.get(session)?.onWanted();
  }

  #die(): void {
    this.#isDead = true;
    clearTimeout(this.#timer);
    for (const { onLost } of [...this.#sessions.values()]) onLost(leaseLost());
  }

  #schedule(ms: number): void {
    if (this.#hasLeft || this.#isDead) return;
    // Nobody's process lives on for this.
    this.#timer = setTimeout(() => {
      this.renew().then(
        async () => {
          this.#schedule(this.termMs / RENEWALS_PER_TERM);
          await this.#sweep();
        },
        () => this.#schedule(this.termMs / TRIES_PER_TERM),
      );
    }, ms).unref();
  }
}

/** A request of a renewal that was given up. */
class Unanswered extends HoldfastError {
  constructor(limitMs: number) {
    super('STORE_UNREACHABLE', `The store has not answered a renewal within ${limitMs} ms.`, {
      transient: true,
    });
  }
}

/** Also of a store that knows nothing of signals. */
async function givenUpAfter<T>(
  limitMs: number,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const timer = setTimeout(() => giveUp.abort(new Unanswered(limitMs)), limitMs);
  const givenUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const answered = request(signal);
  answered.catch(() => undefined);
  try {
    return await Promise.race([answered, givenUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a worker tells of a session that it holds. */
export interface WorkerSession {
  /** Somebody else wants it. */
  onWanted(): void;
  /** The worker was declared dead. */
  onLost(error: HoldfastError): void;
}

/**
 * Cells of workers that ended without a word and whose sessions nobody has taken since. Those of
 * other machines are found out by who waits for one of their sessions.
 */
async function sweepDeadWorkers(store: ObjectStore, self: string): Promise<void> {
  for await (const { key } of store.list(WORKERS_PREFIX)) {
    const id = key.slice(WORKERS_PREFIX.length);
    if (id === self) continue;
    const found = await readWorker(store, id).catch(passOverDamage);
    if (found === null) continue;
    if (!found.cell.isDead) {
      if (!(await isSurelyGone(found.cell))) continue;
      await endBrowsersOf(found.cell);
    }
    await buryWorker(store, found);
  }
}

/** A cell that cannot be understood is not for this worker to judge. */
function passOverDamage(error: unknown): null {
  const code = error instanceof HoldfastError ? error.code : '';
  if (code === 'LEASE_DAMAGED' || code === 'FORMAT_UNSUPPORTED') return null;
  throw error;
}

export function leaseLost(): HoldfastError {
  return new HoldfastError(
    'LEASE_LOST',
    'This process was not heard of for its whole lease term, or its lease was taken away: another ' +
      'may hold its sessions now. It has stopped using them.',
  );
}
