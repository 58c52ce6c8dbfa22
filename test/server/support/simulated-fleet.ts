import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { sessionIdOf } from '../../../src/auth/session-name.js';
import { HoldfastError } from '../../../src/errors.js';
import type { FleetEvents } from '../../../src/fleet/fleet-events.js';
import { Links, type OpenedLink } from '../../../src/fleet/links.js';
import { Proof } from '../../../src/fleet/proof.js';
import type { RosterEntry } from '../../../src/fleet/roster/roster-cell.js';
import type { Happening, SessionView, WorkerView } from '../../../src/fleet/session-view.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type { ServedFleet } from '../../../src/server/served-fleet.js';
import { SimulatedSession } from './simulated-session.js';

/** What simulated workers share. */
export class SimulatedStore {
  readonly objects = new MemoryObjects();
  readonly links = new Links(this.objects, new Proof(null));
  readonly roster = new Map<string, RosterEntry>();
  readonly workers = new Set<SimulatedFleet>();

  rosterChanged(): void {
    for (const worker of this.workers) worker.emit('roster');
  }

  workersChanged(): void {
    for (const worker of this.workers) worker.emit('workers');
  }
}

export interface SimulatedFleetOptions {
  shared?: SimulatedStore;
  address?: string;
  capacity?: number;
  /** Whether sessions that are added are taken here, and show a QR. Default: true. */
  takes?: boolean;
}

/** A fleet whose sessions have no browsers: a test says what happens to them. */
export class SimulatedFleet extends EventEmitter<FleetEvents> implements ServedFleet {
  readonly shared: SimulatedStore;
  readonly #id = randomBytes(6).toString('hex');
  readonly #sessions = new Map<string, SimulatedSession>();
  readonly #options: SimulatedFleetOptions;
  readonly #startedAt = new Date().toISOString();
  isReady = false;

  constructor(options: SimulatedFleetOptions = {}) {
    super();
    this.#options = options;
    this.shared = options.shared ?? new SimulatedStore();
  }

  async start(): Promise<void> {
    this.isReady = true;
    this.shared.workers.add(this);
    this.shared.workersChanged();
  }

  async stop(): Promise<void> {
    this.isReady = false;
    for (const id of [...this.#sessions.keys()]) this.release(id);
    this.shared.workers.delete(this);
    this.shared.workersChanged();
  }

  get self(): WorkerView {
    const { address = 'http://127.0.0.1:8480', capacity = 50 } = this.#options;
    return {
      id: this.#id,
      address,
      host: 'simulated',
      pid: process.pid,
      capacity,
      sessions: [...this.#sessions.keys()],
      startedAt: this.#startedAt,
      version: '0.0.0',
    };
  }

  workers(): WorkerView[] {
    return [...this.shared.workers].map((worker) => worker.self);
  }

  roster(): RosterEntry[] {
    return [...this.shared.roster.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  held(): SimulatedSession[] {
    return [...this.#sessions.values()];
  }

  get(id: string): SimulatedSession | undefined {
    return this.#sessions.get(id);
  }

  holderOf(id: string): WorkerView | null {
    return this.workers().find(({ sessions }) => sessions.includes(id)) ?? null;
  }

  describeUnheld(id: string): SessionView {
    const { addedAt, isWanted } = this.#entry(id);
    return {
      id,
      state: isWanted ? 'waiting' : 'stopped',
      since: addedAt,
      addedAt,
      account: null,
      worker: null,
      lastSave: null,
      size: null,
      alerts: [],
      failures: 0,
      nextTryAt: null,
      qr: null,
      code: null,
    };
  }

  async add(given: string): Promise<void> {
    const id = sessionIdOf(given);
    if (this.shared.roster.has(id)) {
      throw new HoldfastError('SESSION_EXISTS', `There is a session ${id} in the fleet already.`);
    }
    this.shared.roster.set(id, { id, addedAt: new Date().toISOString(), isWanted: true });
    this.shared.rosterChanged();
    if (this.#options.takes ?? true) this.take(id).showQr();
  }

  async remove(id: string): Promise<void> {
    this.#entry(id);
    this.shared.roster.delete(id);
    for (const worker of this.shared.workers) worker.release(id);
    this.shared.rosterChanged();
  }

  async setWanted(id: string, isWanted: boolean): Promise<void> {
    this.shared.roster.set(id, { ...this.#entry(id), isWanted });
    if (!isWanted) this.release(id);
    this.shared.rosterChanged();
    if (isWanted && (this.#options.takes ?? true)) this.take(id).showQr();
  }

  async history(id: string): Promise<Happening[]> {
    return this.#sessions.get(id)?.history ?? [];
  }

  createLink(id: string, validMs: number): Promise<{ token: string; expiresAt: string }> {
    return this.shared.links.create(this.#entry(id).id, validMs);
  }

  openLink(token: string): Promise<OpenedLink> {
    return this.shared.links.open(token);
  }

  /** This worker takes a session of the roster. */
  take(id: string): SimulatedSession {
    const held = this.#sessions.get(id);
    if (held !== undefined) return held;
    const session = new SimulatedSession(id, this.#entry(id).addedAt, this.self, {
      onChange: (view) => this.emit('session', view),
      onHappening: (happening) => {
        this.emit('happening', id, happening);
        const isLinked = happening.what === 'state' && happening.state === 'syncing';
        if (isLinked) void this.shared.links.useUp(id);
      },
      onLogout: () => void this.setWanted(id, false),
    });
    this.#sessions.set(id, session);
    this.shared.workersChanged();
    this.emit('session', session.view);
    return session;
  }

  release(id: string): void {
    if (!this.#sessions.delete(id)) return;
    this.shared.workersChanged();
    this.emit('released', id);
  }

  receive(id: string, from: string, body: string): void {
    const to = this.get(id)?.view.account?.id ?? '';
    const timestamp = Math.floor(Date.now() / 1000);
    this.emit('message', id, { id: `false_${from}_1`, from, to, body, timestamp, fromMe: false });
  }

  /** Adds this many, linked and ready. */
  async populate(count: number): Promise<void> {
    for (let n = 1; n <= count; n++) {
      const id = `customer-${String(n).padStart(3, '0')}`;
      await this.add(id);
      const session = this.take(id);
      session.link(`1202555${String(n).padStart(4, '0')}`, `Customer ${n}`);
      session.save(20_000 + n, 40_000_000 + n);
    }
  }

  #entry(id: string): RosterEntry {
    const entry = this.shared.roster.get(id);
    if (entry !== undefined) return entry;
    throw new HoldfastError('SESSION_NOT_FOUND', `There is no session ${id} in the fleet.`);
  }
}
