import { EventEmitter } from 'node:events';
import type { SessionView, WorkerView } from '../../fleet/session-view.js';
import type { OwnEvents } from '../own-events.js';
import type { ServedFleet } from '../served-fleet.js';
import { sessionNotInFleet } from '../session-errors.js';
import type { DirectoryEvents } from './directory-events.js';
import type { PeerListeners, PeerMirrors } from './peer-mirrors.js';

/**
 * What every worker can say of all sessions: its own as they are, those of other workers as these
 * tell, the others as the store tells.
 */
export class Directory extends EventEmitter<DirectoryEvents> {
  readonly #fleet: ServedFleet;
  readonly #own: OwnEvents;
  readonly #peers: PeerMirrors | null;
  readonly #shown = new Map<string, string>();
  #listeners: PeerListeners | null = null;
  #isDue = false;
  #workers = '';

  constructor(fleet: ServedFleet, own: OwnEvents, peers: PeerMirrors | null) {
    super();
    // Each open stream listens.
    this.setMaxListeners(0);
    this.#fleet = fleet;
    this.#own = own;
    this.#peers = peers;
  }

  /** From now on it tells what changes. */
  start(): void {
    const listeners: PeerListeners = {
      onSession: (id) => this.#show(id),
      onChange: () => this.#refreshSoon(),
      onHappening: (...payload) => this.emit('happening', ...payload),
      onMessage: (...payload) => this.emit('message', ...payload),
    };
    this.#listeners = listeners;
    const { onChange, onHappening, onMessage } = listeners;
    this.#own
      .on('session', ({ id }) => this.#show(id))
      .on('released', onChange)
      .on('roster', onChange)
      .on('workers', onChange)
      .on('happening', onHappening)
      .on('message', onMessage);
    this.#refresh();
  }

  stop(): void {
    this.#listeners = null;
    this.#peers?.stop();
    this.removeAllListeners();
  }

  /** By their ids. */
  list(): SessionView[] {
    return this.#fleet.roster().map(({ id }) => this.#viewOf(id));
  }

  /** @throws {HoldfastError} SESSION_NOT_FOUND */
  get(id: string): SessionView {
    if (!this.#isOnRoster(id)) throw sessionNotInFleet(id);
    return this.#viewOf(id);
  }

  workers(): WorkerView[] {
    return this.#fleet.workers();
  }

  #isOnRoster(id: string): boolean {
    return this.#fleet.roster().some((entry) => entry.id === id);
  }

  #viewOf(id: string): SessionView {
    const held = this.#fleet.get(id);
    if (held !== undefined) return held.view;
    const unheld = this.#fleet.describeUnheld(id);
    const holder = this.#fleet.holderOf(id);
    if (holder === null) return unheld;
    return this.#peers?.describe(holder, unheld) ?? unheld;
  }

  /** A fleet tells many changes at once. */
  #refreshSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#refresh();
    });
  }

  #refresh(): void {
    const ids = new Set(this.#fleet.roster().map(({ id }) => id));
    if (this.#listeners !== null) this.#peers?.follow(this.workers(), this.#listeners);
    for (const id of [...this.#shown.keys()]) {
      if (ids.has(id)) continue;
      this.#shown.delete(id);
      this.emit('removed', id);
    }
    for (const id of ids) this.#showView(this.#viewOf(id));
    const workers = JSON.stringify(this.workers());
    if (workers === this.#workers) return;
    this.#workers = workers;
    this.emit('workers');
  }

  #show(id: string): void {
    if (this.#isOnRoster(id)) this.#showView(this.#viewOf(id));
  }

  #showView(view: SessionView): void {
    const text = JSON.stringify(view);
    if (this.#shown.get(view.id) === text) return;
    this.#shown.set(view.id, text);
    this.emit('session', view);
  }
}
