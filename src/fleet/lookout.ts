import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { withinTime } from '../system/within-time.js';
import type { LogEntry } from './fleet-events.js';
import type { Roster } from './roster/roster.js';
import type { Members } from './workers/members.js';
import type { OwnWorker } from './workers/own-worker.js';

export interface LookoutOptions {
  store: ObjectStore;
  termMs: number;
  own: OwnWorker;
  members: Members;
  roster: Roster;
  /** After each look. */
  onSeen(): Promise<void>;
  onWorkers(): void;
  onRoster(): void;
  /** Another worker may have what was held here. */
  letGoOfAll(): Promise<void>;
  log(entry: LogEntry): void;
}

/** Whoever waits for a session is not to wait for a look. */
const LOOK_MS = 1_000;
const LOOKS_PER_TERM = 10;
/** Where each request costs money. */
const LOOKS_PER_TERM_WHERE_COSTLY = 5;
const COSTLY_SAVE_INTERVAL_MS = 5_000;
/** Workers that start together see each other before they share out. */
const LOOKS_UNTIL_SETTLED = 3;
/** Else it is read when a worker says that it has changed it. */
const LOOKS_PER_ROSTER_READ = 5;
const LET_GO_PATIENCE_MS = 15_000;

/** Looks again and again who is there and which sessions are to run. */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #pauseMs: number;
  #looks = 0;
  #seenMarks = '';
  #wake = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;
  readonly #failing = new Set<string>();
  /** The worker was declared dead, and is not back yet. */
  #isLost = false;

  constructor(options: LookoutOptions) {
    const { store, termMs } = options;
    this.#options = options;
    this.#pauseMs =
      (store.defaultSaveIntervalMs ?? 0) >= COSTLY_SAVE_INTERVAL_MS
        ? termMs / LOOKS_PER_TERM_WHERE_COSTLY
        : Math.min(LOOK_MS, termMs / LOOKS_PER_TERM);
  }

  /** Whether it has looked often enough to know who is there. */
  get hasSettled(): boolean {
    return this.#looks >= LOOKS_UNTIL_SETTLED;
  }

  start(): void {
    this.#looking = this.#lookAgainAndAgain();
  }

  lookSoon(): void {
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake.abort();
    await this.#looking;
  }

  async #lookAgainAndAgain(): Promise<void> {
    while (!this.#isStopped) {
      this.#wake = new AbortController();
      const { signal } = this.#wake;
      await this.#look();
      await sleep(this.#pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { own, members, onSeen, onWorkers } = this.#options;
    try {
      if (own.isDead) await this.#startOver();
      if (await members.look(own.id)) onWorkers();
      await this.#readRosterIfDue();
      this.#looks++;
      await onSeen();
      this.#note('store', null);
    } catch (error) {
      this.#note('store', error);
    }
  }

  async #readRosterIfDue(): Promise<void> {
    const { members, roster, onRoster } = this.#options;
    const marks = members.all.map(({ rosterMark }) => rosterMark).join();
    if (marks === this.#seenMarks && this.#looks % LOOKS_PER_ROSTER_READ !== 0) return;
    try {
      if (await roster.refresh()) onRoster();
      this.#seenMarks = marks;
      this.#note('roster', null);
    } catch (error) {
      // The sessions that are known need not suffer for it.
      this.#note('roster', error);
    }
  }

  /** Others have declared this worker dead: what it held is theirs. */
  async #startOver(): Promise<void> {
    const { own, letGoOfAll, log } = this.#options;
    if (!this.#isLost) {
      const message =
        'This worker was not heard of for its whole term; it begins anew as another one.';
      log({ level: 'error', event: 'worker_lost', message });
    }
    this.#isLost = true;
    await withinTime(LET_GO_PATIENCE_MS, letGoOfAll());
    await own.join();
    this.#isLost = false;
    this.#looks = 0;
  }

  /** Says once that it fails, and once that it does not any more. */
  #note(what: 'store' | 'roster', error: unknown): void {
    const { log } = this.#options;
    if (error === null) {
      if (this.#failing.delete(what)) log({ level: 'info', event: `${what}_back` });
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof HoldfastError ? error.code : 'UNEXPECTED';
    if (!this.#failing.has(what)) log({ level: 'error', event: `${what}_failed`, code, message });
    this.#failing.add(what);
  }
}
