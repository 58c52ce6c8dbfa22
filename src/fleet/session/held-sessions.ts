import type { RosterEntry } from '../roster/roster-cell.js';
import type { HeldSession } from './held-session.js';

/** So many are saved and closed at once: all at once would all be slow. */
const CLOSES_AT_ONCE = 8;

export interface HeldSessionsOptions {
  create(entry: RosterEntry): HeldSession;
  /** Which are held has changed. */
  onChange(): void;
  onReleased(session: HeldSession): void;
}

/** The sessions that this worker holds, from the moment it takes them until they are released. */
export class HeldSessions {
  readonly #options: HeldSessionsOptions;
  readonly #sessions = new Map<string, HeldSession>();
  readonly #releasing = new Map<string, Promise<void>>();

  constructor(options: HeldSessionsOptions) {
    this.#options = options;
  }

  get all(): HeldSession[] {
    return [...this.#sessions.values()];
  }

  get ids(): string[] {
    return [...this.#sessions.keys()];
  }

  get(id: string): HeldSession | undefined {
    return this.#sessions.get(id);
  }

  isReleasing(id: string): boolean {
    return this.#releasing.has(id);
  }

  take(entry: RosterEntry): void {
    if (this.#sessions.has(entry.id)) return;
    const session = this.#options.create(entry);
    this.#sessions.set(entry.id, session);
    this.#options.onChange();
    session.start();
  }

  /** Saves, closes and releases it; never fails. */
  release(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return Promise.resolve();
    const releasing = this.#releasing.get(id) ?? this.#release(session);
    this.#releasing.set(id, releasing);
    return releasing;
  }

  async releaseAll(): Promise<void> {
    const ids = this.ids;
    const releaseNext = async (): Promise<void> => {
      for (let id = ids.shift(); id !== undefined; id = ids.shift()) await this.release(id);
    };
    await Promise.all(Array.from({ length: CLOSES_AT_ONCE }, releaseNext));
  }

  async #release(session: HeldSession): Promise<void> {
    try {
      await session.release();
    } finally {
      this.#sessions.delete(session.id);
      this.#releasing.delete(session.id);
      this.#options.onChange();
      this.#options.onReleased(session);
    }
  }
}
