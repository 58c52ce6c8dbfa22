import type { LogEntry } from './fleet-events.js';
import type { Roster } from './roster/roster.js';
import type { UnheldSessions } from './roster/unheld-sessions.js';
import type { HeldSession } from './session/held-session.js';
import type { HeldSessions } from './session/held-sessions.js';
import type { FleetSessionState } from './session-view.js';
import type { Members } from './workers/members.js';
import type { OwnWorker } from './workers/own-worker.js';
import { type PlannedWorker, plan } from './workers/plan.js';

export interface ShareOutOptions {
  own: OwnWorker;
  members: Members;
  roster: Roster;
  held: HeldSessions;
  unheld: UnheldSessions;
  /** How long nobody may have come or gone before sessions are moved. */
  steadyMs: number;
  /** Whether its cell has room for one more. */
  hasRoom(): boolean;
  log(entry: LogEntry): void;
}

/** What is being linked stays where it is, unless there is nothing else. */
const MOST_MOVABLE_FIRST: readonly FleetSessionState[] = ['backing-off', 'offline', 'ready', 'qr'];

/** Has this worker hold what falls to it, and nothing else. */
export class ShareOut {
  readonly #options: ShareOutOptions;
  /** When those that another holds may be tried again. */
  readonly #putOff = new Map<string, number>();

  constructor(options: ShareOutOptions) {
    this.#options = options;
  }

  /** It is held elsewhere, though no worker of the fleet says so. */
  putOff(id: string, ms: number): void {
    this.#putOff.set(id, performance.now() + ms);
  }

  /** Lets go of what is not to run any more. */
  releaseUnwanted(): void {
    const { held, roster } = this.#options;
    for (const id of held.ids) {
      if (!roster.get(id)?.isWanted) void held.release(id);
    }
  }

  carryOut(): void {
    const { own, members, roster, held, steadyMs, hasRoom, log } = this.#options;
    const wanted = roster.entries.filter(({ isWanted }) => isWanted).map(({ id }) => id);
    const { claim, waiting, giveAway } = plan({
      self: own.id,
      workers: this.#workers(),
      wanted,
      movable: movableOf(held.all.filter(({ id }) => !held.isReleasing(id))),
      isSteady: members.steadyForMs >= steadyMs,
    });
    this.#explain(wanted, new Set(waiting));
    for (const id of claim) {
      const entry = roster.get(id);
      if (entry === undefined || this.#isPutOff(id) || !hasRoom()) continue;
      log({ level: 'info', event: 'session_taken', session: id });
      held.take(entry);
    }
    if (giveAway === null) return;
    log({ level: 'info', event: 'session_given_away', session: giveAway });
    void held.release(giveAway);
  }

  #workers(): PlannedWorker[] {
    const { own, members } = this.#options;
    const others = members.all.map(({ view, isStopping }) => ({ ...view, isStopping }));
    return [{ ...own.view, isStopping: false }, ...others].map(
      ({ id, capacity, sessions, isStopping }) => ({ id, capacity, held: sessions, isStopping }),
    );
  }

  #isPutOff(id: string): boolean {
    const until = this.#putOff.get(id) ?? 0;
    if (until > performance.now()) return true;
    this.#putOff.delete(id);
    return false;
  }

  #explain(wanted: readonly string[], waiting: ReadonlySet<string>): void {
    for (const id of wanted) {
      if (waiting.has(id)) this.#options.unheld.block(id, NO_ROOM);
      else if (!this.#isPutOff(id)) this.#options.unheld.block(id, null);
    }
  }
}

const NO_ROOM = {
  code: 'NO_CAPACITY',
  message:
    'All workers hold as many sessions as they may. Start another worker, or raise --capacity.',
};

function movableOf(sessions: readonly HeldSession[]): string[] {
  return sessions
    .map(({ id, view }) => ({ id, rank: MOST_MOVABLE_FIRST.indexOf(view.state) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .map(({ id }) => id);
}
