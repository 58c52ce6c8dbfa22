import type { Happening } from '../../../fleet/session-view.js';
import { api } from '../live/api.js';
import type { SessionStore } from '../live/session-store.js';
import { Signal } from '../signal.js';

/** A page is not kept open for ever, but a timer of weeks must not fill it. */
const MOST = 1000;

/** What has happened to one session, and goes on happening. Oldest first. */
export class History {
  readonly changed = new Signal<readonly Happening[]>();
  #happenings: Happening[] = [];
  /** What came while the rest was still being asked for. */
  #early: Happening[] | null = null;
  readonly #id: string;
  readonly #stop: () => void;

  constructor(store: SessionStore, id: string) {
    this.#id = id;
    this.#stop = store.happened.listen(({ id, happening }) => {
      if (id === this.#id) this.#take(happening);
    });
  }

  /** @throws {RequestError} */
  async load(): Promise<void> {
    this.#early ??= [];
    try {
      const { happenings } = await api.history(this.#id);
      this.#happenings = happenings;
    } finally {
      const early = this.#early ?? [];
      this.#early = null;
      this.#append(early);
    }
  }

  end(): void {
    this.#stop();
  }

  #take(happening: Happening): void {
    if (this.#early) this.#early.push(happening);
    else this.#append([happening]);
  }

  #append(happenings: Happening[]): void {
    const known = new Set(this.#happenings.map(keyOf));
    const added = happenings.filter((happening) => !known.has(keyOf(happening)));
    this.#happenings = [...this.#happenings, ...added].slice(-MOST);
    this.changed.emit(this.#happenings);
  }
}

export function keyOf(happening: Happening): string {
  const { at, what } = happening;
  return what === 'state' ? `${at} ${what} ${happening.state}` : `${at} ${what}`;
}
