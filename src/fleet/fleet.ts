import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { emitSafely } from '../system/emit-safely.js';
import { readVersion } from '../system/version.js';
import { withinTime } from '../system/within-time.js';
import type { FleetEvents, LogEntry } from './fleet-events.js';
import { DEFAULT_TERM_MS, type FleetOptions } from './fleet-options.js';
import { Links, type OpenedLink } from './links.js';
import { Lookout } from './lookout.js';
import { Proof } from './proof.js';
import { purgeSession } from './purge.js';
import { rollBack } from './roll-back.js';
import { notOnRoster, Roster } from './roster/roster.js';
import type { RosterEntry } from './roster/roster-cell.js';
import { UnheldSessions } from './roster/unheld-sessions.js';
import { createDefaultClient } from './session/default-client.js';
import { HeldSession } from './session/held-session.js';
import { HeldSessions } from './session/held-sessions.js';
import { readHistory } from './session/history.js';
import { describeEnd, type SessionEnd } from './session/session-end.js';
import { StartTurns } from './session/start-turns.js';
import type { Happening, SessionView, WorkerView } from './session-view.js';
import { ShareOut } from './share-out.js';
import { sweepDisk } from './sweep-disk.js';
import { type About, encodeAbout, MAX_ABOUT_BYTES } from './workers/about.js';
import { LeaseGuard } from './workers/lease-guard.js';
import { Members } from './workers/members.js';
import { OwnWorker } from './workers/own-worker.js';

const LEAST_STEADY_MS = 5_000;
const LEAVE_PATIENCE_MS = 5_000;
/** An id, and what JSON puts around it, at most. */
const ROOM_FOR_AN_ID = 220;

/**
 * Many sessions on many workers: this process's worker takes its share of the sessions on the
 * roster, and keeps them running. Everything that the workers have in common is in the store.
 *
 * @example
 * const fleet = new Fleet({ store, encryptionKey, dataPath, address, capacity: 20 });
 * await fleet.start();
 * await fleet.add('sales');
 */
export class Fleet extends EventEmitter<FleetEvents> {
  readonly #options: FleetOptions;
  readonly #termMs: number;
  readonly #own: OwnWorker;
  readonly #members: Members;
  readonly #roster: Roster;
  readonly #unheld: UnheldSessions;
  readonly #held: HeldSessions;
  readonly #links: Links;
  readonly #shareOut: ShareOut;
  readonly #lookout: Lookout;
  readonly #turns = new StartTurns();
  readonly #startedAt = new Date().toISOString();
  readonly #version = readVersion();
  #rosterMark = '';
  #guard: LeaseGuard | null = null;
  #suspended: HeldSession[] = [];
  #stopping: Promise<void> | null = null;

  constructor(options: FleetOptions) {
    super();
    const { store } = options;
    this.#options = options;
    this.#termMs = options.leaseTermMs ?? DEFAULT_TERM_MS;
    const proof = new Proof(options.proofKey ?? null);
    this.#own = new OwnWorker(store, this.#termMs, proof, () => this.#about());
    this.#members = new Members(store, proof, (worker) => this.#noteStranger(worker));
    this.#roster = new Roster(store);
    this.#unheld = new UnheldSessions(store);
    this.#links = new Links(store, proof);
    this.#held = new HeldSessions({
      create: (entry) => this.#createSession(entry),
      onChange: () => {
        this.#own.announce();
        this.#tell('workers');
      },
      onReleased: ({ id, view }) => {
        this.#unheld.noteReleased(view);
        this.#tell('released', id);
        this.#lookout.lookSoon();
      },
    });
    this.#shareOut = new ShareOut({
      own: this.#own,
      members: this.#members,
      roster: this.#roster,
      held: this.#held,
      unheld: this.#unheld,
      steadyMs: Math.max(this.#termMs, LEAST_STEADY_MS),
      hasRoom: () => encodeAbout(this.#about()).length + ROOM_FOR_AN_ID <= MAX_ABOUT_BYTES,
      log: (entry) => this.#tell('log', entry),
    });
    this.#lookout = new Lookout({
      store,
      termMs: this.#termMs,
      own: this.#own,
      members: this.#members,
      roster: this.#roster,
      onSeen: async () => {
        this.#act();
        await this.#learnOfUnheld();
      },
      onWorkers: () => this.#tell('workers'),
      onRoster: () => this.#tell('roster'),
      letGoOfAll: () => this.#held.releaseAll(),
      log: (entry) => this.#tell('log', entry),
    });
  }

  /** Joins. @throws {HoldfastError} ROSTER_DAMAGED, FORMAT_UNSUPPORTED, and the store's errors */
  async start(): Promise<void> {
    await sweepDisk(this.#options.dataPath);
    try {
      await this.#own.join();
      await this.#roster.refresh();
    } catch (error) {
      await withinTime(LEAVE_PATIENCE_MS, this.#own.leave()).catch(() => undefined);
      throw error;
    }
    this.#guard = new LeaseGuard({
      termMs: this.#termMs,
      msSinceRenewal: () => this.#own.msSinceRenewal,
      onClose: () => this.#suspendAll(),
      onKill: () => {
        for (const session of this.#held.all) session.kill();
      },
      onRenewed: () => this.#resumeAll(),
    });
    this.#lookout.start();
  }

  /**
   * Hands all sessions over: each is saved, closed and released, and the next worker takes it. May be
   * called again.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Whether it holds its place in the fleet. */
  get isReady(): boolean {
    return this.#stopping === null && this.#own.isRenewed;
  }

  /** This process's worker. */
  get self(): WorkerView {
    return this.#own.view;
  }

  /** Those that live, this one included. */
  workers(): WorkerView[] {
    const others = this.#members.all.map(({ view }) => view);
    return [this.self, ...others].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  }

  /** By their ids. */
  roster(): RosterEntry[] {
    return this.#roster.entries;
  }

  /** The sessions that are held here. */
  held(): HeldSession[] {
    return this.#held.all;
  }

  /** Only if it is held here. */
  get(id: string): HeldSession | undefined {
    return this.#held.get(id);
  }

  /** The live worker that says that it holds the session; null: none does. */
  holderOf(id: string): WorkerView | null {
    if (this.#held.get(id)) return this.self;
    return this.#members.all.find(({ view }) => view.sessions.includes(id))?.view ?? null;
  }

  /** What can be said of a session that nobody holds. @throws {HoldfastError} SESSION_NOT_FOUND */
  describeUnheld(id: string): SessionView {
    const entry = this.#roster.get(id);
    if (entry === undefined) throw notOnRoster(id);
    return this.#unheld.describe(entry);
  }

  /** @throws {HoldfastError} INVALID_CLIENT_ID, SESSION_EXISTS, ROSTER_FULL, the store's errors */
  async add(id: string): Promise<void> {
    await this.#roster.add(id);
    this.#rosterChanged();
  }

  /**
   * Takes it off the roster: its holder saves, closes and releases it.
   *
   * @param options.purge also deletes what is stored of it, once nobody holds it
   * @throws {HoldfastError} SESSION_NOT_FOUND, LEASE_HELD (`purge`: somebody goes on holding it), and
   *   the store's errors
   */
  async remove(id: string, options: { purge?: boolean } = {}): Promise<void> {
    await this.#roster.remove(id);
    this.#rosterChanged();
    await this.#held.release(id);
    await this.#links.remove(id);
    if (!options.purge) return;
    const { store, dataPath } = this.#options;
    const isHeld = () => this.holderOf(id) !== null;
    await purgeSession({ store, dataPath, id, worker: this.#own.id, isHeld });
  }

  /** Starts or stops a session of the roster. @throws {HoldfastError} SESSION_NOT_FOUND, and the store's errors */
  async setWanted(id: string, isWanted: boolean): Promise<void> {
    await this.#roster.setWanted(id, isWanted);
    this.#rosterChanged();
    if (!isWanted) await this.#held.release(id);
  }

  /** Oldest first. @throws the store's errors, unless it is held here */
  async history(id: string): Promise<Happening[]> {
    return this.#held.get(id)?.history ?? readHistory(this.#options.store, id);
  }

  /** A token by which a customer may link this session's device. @throws {HoldfastError} SESSION_NOT_FOUND, and the store's errors */
  async createLink(id: string, validMs: number): Promise<{ token: string; expiresAt: string }> {
    if (this.#roster.get(id) === undefined) throw notOnRoster(id);
    return this.#links.create(id, validMs);
  }

  /** Opening does not use it up: linking does. @throws the store's errors */
  async openLink(token: string): Promise<OpenedLink> {
    const link = await this.#links.open(token);
    if ('id' in link && this.#roster.get(link.id) === undefined) return { state: 'unknown' };
    return link;
  }

  #about(): About {
    const { address, capacity } = this.#options;
    return {
      address,
      capacity,
      startedAt: this.#startedAt,
      version: this.#version,
      sessions: this.#held.ids,
      isStopping: this.#stopping !== null,
      rosterMark: this.#rosterMark,
    };
  }

  #act(): void {
    if (this.#stopping !== null || !this.#own.isRenewed || this.#guard?.hasClosed) return;
    this.#shareOut.releaseUnwanted();
    if (this.#lookout.hasSettled) this.#shareOut.carryOut();
  }

  async #learnOfUnheld(): Promise<void> {
    const unheld = this.#roster.entries.filter(({ id }) => this.holderOf(id) === null);
    if (await this.#unheld.update(unheld.map(({ id }) => id))) this.#tell('roster');
  }

  #suspendAll(): void {
    this.#log('error', 'lease_endangered', {
      message: 'The store does not answer: browsers are closed before another worker starts them.',
    });
    this.#suspended = this.#held.all;
    for (const session of this.#suspended) {
      session.suspend({
        code: 'STORE_UNREACHABLE',
        message: 'The store does not answer its worker; it is started again when it does.',
      });
    }
  }

  #resumeAll(): void {
    this.#log('info', 'lease_renewed', {});
    for (const session of this.#suspended) session.resume();
    this.#suspended = [];
  }

  #createSession(entry: RosterEntry): HeldSession {
    const { id } = entry;
    const { store, encryptionKey, dataPath, puppeteer, createClient } = this.#options;
    const leaseTermMs = this.#termMs;
    const defaults = { store, encryptionKey, dataPath, leaseTermMs, puppeteer };
    const session: HeldSession = new HeldSession({
      store,
      entry,
      worker: () => {
        const { id: worker, address, host } = this.self;
        return { id: worker, address, host };
      },
      createClient: () => createClient?.(id) ?? createDefaultClient(id, defaults),
      inTurn: (start) => this.#turns.run(start),
      onChange: (view) => this.#tell('session', view),
      onHappening: (happening) => this.#noteHappening(id, happening),
      onMessage: (message) => this.#tell('message', id, message),
      onLinked: () => {
        this.#links.useUp(id).catch((error: Error) => {
          this.#log('warn', 'links_not_used_up', { session: id, message: error.message });
        });
      },
      onElsewhere: (end) => this.#letGo(session, end),
      onLoggedOut: () => this.setWanted(id, false).finally(() => this.#held.release(id)),
      rollBack: (sequence, whileClosed) =>
        rollBack({ ...defaults, id, worker: this.#own.worker, sequence, whileClosed }),
      log: (logged) => this.#tell('log', logged),
    });
    return session;
  }

  #noteHappening(id: string, happening: Happening): void {
    this.#tell('happening', id, happening);
    if (happening.what !== 'state') return;
    const { state, detail } = happening;
    const message = detail === null ? {} : { message: detail };
    this.#log('info', 'session_state', { session: id, state, ...message });
  }

  #noteStranger(worker: string): void {
    this.#log('error', 'worker_not_proven', {
      message:
        `The worker ${worker} has another fleet secret, or none, or was invented by whoever writes to ` +
        'the store. It is not asked for anything. Give all workers the same secret.',
    });
  }

  #letGo(session: HeldSession, end: SessionEnd): void {
    const { id } = session;
    const why = describeEnd(end);
    this.#log('warn', 'session_elsewhere', { session: id, ...why });
    this.#unheld.block(id, why);
    this.#shareOut.putOff(id, end.how === 'lease-lost' ? this.#termMs / 5 : this.#termMs / 2);
    void this.#held.release(id);
  }

  #rosterChanged(): void {
    this.#rosterMark = randomBytes(6).toString('base64url');
    this.#own.announce();
    this.#tell('roster');
    this.#lookout.lookSoon();
  }

  async #stop(): Promise<void> {
    // Before anything of it: whatever is asked of the fleet from now on sees that it stops.
    await Promise.resolve();
    this.#own.announce();
    await this.#held.releaseAll();
    await withinTime(LEAVE_PATIENCE_MS, this.#lookout.stop());
    this.#guard?.stop();
    await withinTime(LEAVE_PATIENCE_MS, this.#own.leave()).catch((error: Error) => {
      this.#log('warn', 'worker_not_left', { message: error.message });
    });
    // Of a worker that was killed here, the last browser may have ended only now.
    await withinTime(LEAVE_PATIENCE_MS, sweepDisk(this.#options.dataPath));
  }

  #log(level: LogEntry['level'], event: string, more: Omit<LogEntry, 'level' | 'event'>): void {
    this.#tell('log', { level, event, ...more });
  }

  #tell<E extends keyof FleetEvents>(event: E, ...payload: FleetEvents[E]): void {
    emitSafely(this as EventEmitter, event, payload);
  }
}
