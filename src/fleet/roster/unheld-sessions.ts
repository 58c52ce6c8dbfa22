import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { readLastSave } from '../session/last-save.js';
import type { AccountView, Alert, SaveView, SessionView } from '../session-view.js';
import type { RosterEntry } from './roster-cell.js';

/** In one look; more are looked up in the next. */
const LOOK_UPS = 16;

interface Known {
  since: string;
  account: AccountView | null;
  lastSave: SaveView | null;
  alert: Alert | null;
}

/** What can be said of sessions that nobody holds. */
export class UnheldSessions {
  readonly #store: ObjectStore;
  readonly #known = new Map<string, Known>();
  readonly #blocked = new Map<string, Alert>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** This worker has just released it. */
  noteReleased({ id, account, lastSave }: SessionView): void {
    this.#known.set(id, { since: new Date().toISOString(), account, lastSave, alert: null });
  }

  /** Why it waits; null: there is no reason to tell. */
  block(id: string, why: { code: string; message: string } | null): void {
    const before = this.#blocked.get(id);
    if (why === null) this.#blocked.delete(id);
    else if (before?.code !== why.code) {
      this.#blocked.set(id, { ...why, since: new Date().toISOString() });
    }
  }

  /**
   * Looks up what the store has of sessions that nobody holds any more.
   *
   * @returns whether something more is known
   */
  async update(ids: readonly string[]): Promise<boolean> {
    const unheld = new Set(ids);
    for (const id of this.#known.keys()) if (!unheld.has(id)) this.#known.delete(id);
    const unknown = ids.filter((id) => !this.#known.has(id)).slice(0, LOOK_UPS);
    for (const id of unknown) this.#known.set(id, await this.#lookUp(id));
    return unknown.length > 0;
  }

  describe({ id, addedAt, isWanted }: RosterEntry): SessionView {
    const known = this.#known.get(id);
    const alerts = [known?.alert, isWanted ? this.#blocked.get(id) : null];
    return {
      id,
      state: isWanted ? 'waiting' : 'stopped',
      since: known?.since ?? addedAt,
      addedAt,
      account: known?.account ?? null,
      worker: null,
      lastSave: known?.lastSave ?? null,
      size: known?.lastSave?.size ?? null,
      alerts: alerts.filter((alert) => !!alert),
      failures: 0,
      nextTryAt: null,
      qr: null,
      code: null,
    };
  }

  async #lookUp(id: string): Promise<Known> {
    const since = new Date().toISOString();
    const nothing: Known = { since, account: null, lastSave: null, alert: null };
    try {
      return { ...nothing, lastSave: await readLastSave(this.#store, id) };
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.transient) throw error;
      const { code, message } = error;
      return { ...nothing, alert: { code, message, since } };
    }
  }
}
