import { sessionIdOf } from '../../auth/session-name.js';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { changeCell } from '../change-cell.js';
import {
  decodeRoster,
  encodeRoster,
  ROSTER_SHARDS,
  type RosterEntry,
  rosterKey,
  shardOf,
} from './roster-cell.js';

interface Shard {
  entries: readonly RosterEntry[];
  /** When what is known of it was true: of two answers the later one counts. */
  asOf: number;
}

/** Which sessions are to run. What is known of it stays while the store is away. */
export class Roster {
  readonly #store: ObjectStore;
  readonly #shards: Shard[] = Array.from({ length: ROSTER_SHARDS }, () => ({
    entries: [],
    asOf: -1,
  }));
  #moment = 0;
  #entries = new Map<string, RosterEntry>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** By their ids. */
  get entries(): RosterEntry[] {
    return [...this.#entries.values()];
  }

  get(id: string): RosterEntry | undefined {
    return this.#entries.get(id);
  }

  /**
   * Reads it again. Parts that cannot be read stay as they are known.
   *
   * @returns whether it has changed
   * @throws {HoldfastError} ROSTER_DAMAGED, FORMAT_UNSUPPORTED, and the store's errors
   */
  async refresh(): Promise<boolean> {
    const before = JSON.stringify(this.entries);
    const read = await Promise.allSettled(this.#shards.map((_, shard) => this.#read(shard)));
    for (const result of read) if (result.status === 'rejected') throw result.reason;
    return JSON.stringify(this.entries) !== before;
  }

  /** @throws {HoldfastError} INVALID_CLIENT_ID, SESSION_EXISTS, ROSTER_FULL, and those of `refresh` */
  async add(given: string): Promise<RosterEntry> {
    const id = sessionIdOf(given);
    const entry: RosterEntry = { id, addedAt: new Date().toISOString(), isWanted: true };
    await this.#change(id, (entries) => {
      if (entries.some((other) => other.id === id)) {
        throw new HoldfastError('SESSION_EXISTS', `There is a session ${id} in the fleet already.`);
      }
      return [...entries, entry].sort((a, b) => (a.id < b.id ? -1 : 1));
    });
    return entry;
  }

  /** @throws {HoldfastError} SESSION_NOT_FOUND, and those of `refresh` */
  async remove(id: string): Promise<void> {
    await this.#change(id, (entries) => {
      const rest = entries.filter((entry) => entry.id !== id);
      if (rest.length === entries.length) throw notOnRoster(id);
      return rest;
    });
  }

  /** @throws {HoldfastError} SESSION_NOT_FOUND, and those of `refresh` */
  async setWanted(id: string, isWanted: boolean): Promise<void> {
    await this.#change(id, (entries) => {
      const entry = entries.find((other) => other.id === id);
      if (entry === undefined) throw notOnRoster(id);
      if (entry.isWanted === isWanted) return null;
      return entries.map((other) => (other === entry ? { ...entry, isWanted } : other));
    });
  }

  async #read(shard: number): Promise<void> {
    const asOf = this.#moment++;
    const key = rosterKey(shard);
    const cell = await this.#store.readCell(key);
    this.#accept(shard, decodeRoster(key, cell?.value ?? null), asOf);
  }

  async #change(
    id: string,
    change: (entries: readonly RosterEntry[]) => readonly RosterEntry[] | null,
  ): Promise<void> {
    const shard = shardOf(id);
    const key = rosterKey(shard);
    const entries = await changeCell<readonly RosterEntry[]>(this.#store, key, {
      decode: (value) => decodeRoster(key, value),
      change,
      encode: (next) => encodeRoster(key, next),
    });
    this.#accept(shard, entries, this.#moment++);
  }

  #accept(shard: number, entries: readonly RosterEntry[], asOf: number): void {
    if ((this.#shards[shard]?.asOf ?? 0) > asOf) return;
    this.#shards[shard] = { entries, asOf };
    const all = this.#shards.flatMap((known) => known.entries);
    all.sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#entries = new Map(all.map((entry) => [entry.id, entry]));
  }
}

export function notOnRoster(id: string): HoldfastError {
  return new HoldfastError('SESSION_NOT_FOUND', `There is no session ${id} in the fleet. Add it.`);
}
