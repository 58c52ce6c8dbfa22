import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { buryWorker, endBrowsersOf, isSurelyGone } from './bury-worker.js';
import { holderOf, type LeaseHolder } from './lease-held-error.js';
import { type FoundWorker, readWorker } from './read-worker.js';
import { encodeWorkerCell, workerKey } from './worker-cell.js';

/** Within a term it has to be looked so often at least, for the whole of it to count as watched. */
const LOOKS_PER_TERM = 4;

export type HolderSight =
  /** For good: what it held may be taken. */
  | { is: 'gone' }
  /** It has been heard of since the watch began. */
  | { is: 'alive'; holder: LeaseHolder; about: string | null }
  /** Not yet, and not for long enough to say that it is gone. */
  | { is: 'silent'; holder: LeaseHolder; about: string | null };

/**
 * Watches a worker that holds a session. It is gone when it says so, when its process can be seen
 * not to be there, or when nothing was heard of it for the whole of its term: by this watch's own
 * clock, since clocks of different machines are not compared.
 */
export class HolderWatch {
  readonly #store: ObjectStore;
  readonly worker: string;
  #beat: string | null = null;
  #lookedAt = 0;
  /** How long the present beat has been watched, in milliseconds. */
  #watchedMs = 0;
  #isHeard = false;

  constructor(store: ObjectStore, worker: string) {
    this.#store = store;
    this.worker = worker;
  }

  /** @throws {HoldfastError} FORMAT_UNSUPPORTED, LEASE_DAMAGED, and the store's errors */
  async look(): Promise<HolderSight> {
    const found = await this.#read();
    if (found !== null) this.#countTime(found);
    if (found === null || found.cell.isDead || (await this.#isGone(found))) {
      // If that fails somebody has written the cell just now, maybe the worker: the next look tells.
      if (found === null || (await buryWorker(this.#store, found))) return { is: 'gone' };
    }
    const { cell } = found;
    const is = this.#isHeard ? 'alive' : 'silent';
    return { is, holder: holderOf(cell), about: cell.about };
  }

  /** Asks the worker to release a session. It hears of it when it renews its cell. */
  async ask(session: string): Promise<void> {
    const found = await this.#read();
    if (found === null || found.cell.isDead || found.cell.wanted.includes(session)) return;
    const { cell, version } = found;
    const asking = encodeWorkerCell({ ...cell, wanted: [...cell.wanted, session] });
    try {
      await this.#store.swapCell(workerKey(this.worker), asking, version);
    } catch (error) {
      // It has just renewed its cell; whoever asks, asks again.
      if (!(error instanceof HoldfastError) || error.code !== 'CELL_CONFLICT') throw error;
    }
  }

  async #read(): Promise<FoundWorker | null> {
    try {
      return await readWorker(this.#store, this.worker);
    } catch (error) {
      // A store that cannot be reached from here may well be unreachable for the worker too.
      this.#beat = null;
      throw error;
    }
  }

  #countTime({ cell }: FoundWorker): void {
    const now = performance.now();
    if (cell.beat === this.#beat) {
      // Whoever has not looked for long was suspended, maybe together with the worker: a machine that
      // wakes up is no reason to take what another process of it holds.
      this.#watchedMs += Math.min(now - this.#lookedAt, cell.termMs / LOOKS_PER_TERM);
    } else {
      this.#isHeard = this.#beat !== null;
      this.#beat = cell.beat;
      this.#watchedMs = 0;
    }
    this.#lookedAt = now;
  }

  async #isGone({ cell }: FoundWorker): Promise<boolean> {
    if (await isSurelyGone(cell)) {
      await endBrowsersOf(cell);
      return true;
    }
    return this.#watchedMs >= cell.termMs;
  }
}
