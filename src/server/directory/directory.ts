import { EventEmitter } from 'node:events';
import type { SessionView, WorkerView } from '../../fleet/session-view.js';
import type { ServedFleet } from '../served-fleet.js';
import { sessionNotInFleet } from '../session-errors.js';
import type { DirectoryEvents } from './directory-events.js';
import type { PeerMirrors } from './peer-mirrors.js';

/**
 * What every worker can say of all sessions: its own as they are, those of other workers as these
 * tell, the others as the store tells.
 */
export class Directory extends EventEmitter<DirectoryEvents> {
  readonly #fleet: ServedFleet;
  readonly #peers: PeerMirrors | null;
  readonly #shown = new Map<string, string>();
  readonly #undo: (() => void)[] = [];
  #isDue = false;
  #workers = '';

  constructor(fleet: ServedFleet, peers: PeerMirrors | null) {
    super();
    // Each open stream listens.
    this.setMaxListeners(0);
    this.#fleet = fleet;
    this.#peers = peers;
  }

  start(): void {
    const fleet = this.#fleet;
    const onSession = (view: SessionView) => this.#show(view.id);
    const onChange = () => this.#refreshSoon();
    const onHappening = (...payload: DirectoryEvents['happening']) =>
      this.emit('happening', ...payload);
    const onMessage = (...payload: DirectoryEvents['message']) => this.emit('message', ...payload);
    fleet.on('session', onSession);
    fleet.on('released', onChange);
    fleet.on('roster', onChange);
    fleet.on('workers', onChange);
    fleet.on('happening', onHappening);
    fleet.on('message', onMessage);
    this.#undo.push(
      () => fleet.off('session', onSession),
      () => fleet.off('released', onChange),
      () => fleet.off('roster', onChange),
      () => fleet.off('workers', onChange),
      () => fleet.off('happening', onHappening),
      () => fleet.off('message', onMessage),
    );
    this.#peers?.start({
      onSession: (id) => this.#show(id),
      onChange,
      onHappening,
      onMessage,
    });
    this.#refresh();
  }

  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
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
    this.#peers?.follow(this.#fleet.workers());
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
