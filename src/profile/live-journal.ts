import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../errors.js';
import type { WatchablePage } from './devtools-page.js';
import { type JournalEntry, writeJournal } from './live-journal-file.js';
import type { StorageArea } from './live-values.js';
import { readOpeningMark } from './profile-opening.js';

/** The least time between two writes while changes go on. */
const INTERVAL_MS = 200;
/** A large localStorage on a slow disk is written less often, so that it takes at most this part. */
const MAX_LOAD = 1 / 5;
/** And after one that failed, for which the disk may be full or the page just navigating. */
const RETRY_MS = 1000;
/** A page that cannot be read so often in a row is gone, unless it tells of another change. */
const MAX_UNREADABLE = 10;
/** How long `flush()` waits at most: a page that hangs answers nothing. */
const FLUSH_PATIENCE_MS = 2000;

/**
 * Keeps what a running browser holds in memory in a file of its profile, so that nothing is lost
 * when it is killed: localStorage reaches the disk up to a minute late, cookies half a minute.
 * {@link recoverLiveValues} brings it back before the next start.
 *
 * The file is written at once on a first change and then, while changes go on, every 200 ms; never
 * twice at the same time. Whatever goes wrong with it disturbs neither the browser nor the process:
 * it is tried again, and the entry before stays.
 */
export class LiveJournal {
  readonly #userDataDir: string;
  readonly #page: WatchablePage;
  readonly #stopping = new AbortController();
  /** The last known of each origin: a page that has gone elsewhere cannot be asked any more. */
  readonly #areas = new Map<string, StorageArea>();
  #stopWatching: (() => void) | undefined;
  #isDirty = false;
  #isRunning = false;
  /** The last of all readings and writings, which come one after the other. */
  #keeping: Promise<unknown> = Promise.resolve();
  #writing: Promise<void> | undefined;

  private constructor(userDataDir: string, page: WatchablePage) {
    this.#userDataDir = userDataDir;
    this.#page = page;
  }

  /** Begins with a first entry, which takes the place of an older run's. */
  static async start(userDataDir: string, page: WatchablePage): Promise<LiveJournal> {
    const journal = new LiveJournal(userDataDir, page);
    journal.#stopWatching = await page.onChange(() => journal.#note());
    journal.#note();
    return journal;
  }

  /** Resolves when the file holds what the page holds now, or that could not be done soon. */
  async flush(): Promise<void> {
    const patience = sleep(FLUSH_PATIENCE_MS, undefined, { ref: false });
    await Promise.race([this.#enqueue(), patience]);
  }

  /** Lets go of the page. The file stays as it is; when this resolves nothing is written any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopWatching?.();
    await this.#page.close();
    await this.#writing?.catch(() => undefined);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #note(): void {
    this.#isDirty = true;
    if (!this.#isRunning) this.#run().catch(() => undefined);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { signal } = this.#stopping;
    let unreadable = 0;
    while (this.#isDirty && !this.#isStopped) {
      this.#isDirty = false;
      const began = performance.now();
      const error = await this.#enqueue();
      const isKept = error === undefined;
      unreadable = error instanceof HoldfastError ? unreadable + 1 : 0;
      if (unreadable === MAX_UNREADABLE) break;
      if (!isKept) this.#isDirty = true;
      const took = performance.now() - began;
      const pauseMs = Math.max(isKept ? INTERVAL_MS : RETRY_MS, took / MAX_LOAD);
      // Nobody's process lives on for this.
      await sleep(pauseMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
    this.#isRunning = false;
  }

  /** @returns why it could not be done */
  #enqueue(): Promise<unknown> {
    const kept = this.#keeping
      .then(() => this.#keep())
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    this.#keeping = kept;
    return kept;
  }

  async #keep(): Promise<void> {
    const entry = await this.#read();
    if (this.#isStopped || entry === undefined) return;
    // Also when nothing seems to have changed since: the entry's moment counts as well.
    this.#writing = writeJournal(this.#userDataDir, entry);
    await this.#writing;
  }

  async #read(): Promise<JournalEntry | undefined> {
    for (;;) {
      const opening = await readOpeningMark(this.#userDataDir);
      const readAt = Date.now();
      const { localStorage, cookies } = await this.#page.readLiveValues();
      // Chromium opens a database that failed anew, also in the midst of a run.
      if (opening !== (await readOpeningMark(this.#userDataDir))) continue;
      if (opening === null) return undefined;
      for (const area of localStorage) this.#areas.set(area.origin, area);
      return { opening, readAt, localStorage: [...this.#areas.values()], cookies };
    }
  }
}
