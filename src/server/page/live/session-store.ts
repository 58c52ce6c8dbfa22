import type { Happening, SessionView, WorkerView } from '../../../fleet/session-view.js';
import { Signal } from '../signal.js';
import type { ServerEvent } from './parse-events.js';

/** What the stream of all sessions carries, as far as this page uses it. */
interface Events {
  state: { sessions: SessionView[]; workers: WorkerView[] };
  session: SessionView;
  removed: { id: string };
  workers: { workers: WorkerView[] };
  happening: { id: string; happening: Happening };
}

/** All sessions as last heard of. Listeners get the changed ids, at most once per frame. */
export class SessionStore {
  readonly changed = new Signal<ReadonlySet<string>>();
  readonly workersChanged = new Signal<void>();
  readonly happened = new Signal<Events['happening']>();
  /** Everything was told anew: what happened in between was missed. */
  readonly refreshed = new Signal<void>();
  /** Each change of state as it comes; null: it was not known. */
  readonly stateChanged = new Signal<{ view: SessionView; from: SessionView | null }>();

  readonly #sessions = new Map<string, SessionView>();
  #workers: WorkerView[] = [];
  #changedIds = new Set<string>();
  #isFilled = false;

  /** False until the server has said what there is. */
  get isFilled(): boolean {
    return this.#isFilled;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get workers(): readonly WorkerView[] {
    return this.#workers;
  }

  all(): IterableIterator<SessionView> {
    return this.#sessions.values();
  }

  get(id: string): SessionView | undefined {
    return this.#sessions.get(id);
  }

  /**
   * A session just added, known before its event comes. Other answers to requests are not taken:
   * a newer event may have come before them.
   */
  add(view: SessionView): void {
    if (!this.#sessions.has(view.id)) this.#set(view);
  }

  #set(view: SessionView): void {
    const from = this.#sessions.get(view.id) ?? null;
    this.#sessions.set(view.id, view);
    this.#mark(view.id);
    if (from?.state !== view.state) this.stateChanged.emit({ view, from });
  }

  #delete(id: string): void {
    if (this.#sessions.delete(id)) this.#mark(id);
  }

  take({ name, data }: ServerEvent): void {
    if (name === 'state') this.#fill(data as Events['state']);
    if (name === 'session') this.#set(data as Events['session']);
    if (name === 'removed') this.#delete((data as Events['removed']).id);
    if (name === 'workers') this.#setWorkers((data as Events['workers']).workers);
    if (name === 'happening') this.happened.emit(data as Events['happening']);
  }

  #fill({ sessions, workers }: Events['state']): void {
    const wasFilled = this.#isFilled;
    this.#isFilled = true;
    const present = new Set(sessions.map(({ id }) => id));
    for (const id of [...this.#sessions.keys()]) if (!present.has(id)) this.#delete(id);
    for (const view of sessions) {
      if (wasFilled) this.#set(view);
      else this.#sessions.set(view.id, view);
      this.#mark(view.id);
    }
    this.#setWorkers(workers);
    // Also when there are none: a view that waits for the first answer must hear of it.
    this.#mark(null);
    this.refreshed.emit();
  }

  #setWorkers(workers: WorkerView[]): void {
    this.#workers = workers;
    this.workersChanged.emit();
  }

  #mark(id: string | null): void {
    if (this.#changedIds.size === 0) requestAnimationFrame(() => this.#flush());
    this.#changedIds.add(id ?? '');
  }

  #flush(): void {
    const ids = this.#changedIds;
    this.#changedIds = new Set();
    this.changed.emit(ids);
  }
}
