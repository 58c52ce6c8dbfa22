import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionView } from '../../src/fleet/session-view.js';
import type { FleetSession } from './fleet-session.js';
import type { FleetWorld } from './fleet-world.js';

const LOOK_MS = 200;

/** One session on its way back, seen from a moment on. */
class Returning {
  /** Since when it is not as it should be; null: it is. */
  awaySince: number | null = null;
  /** The longest that it was away, in milliseconds. */
  awayMs = 0;
  view: SessionView | undefined;
  readonly #before: { connections: number; acked: number };
  #ackedOnReturn: number | null = null;

  /** @param struckAt its worker was struck then; null: it was not, and any connection will do */
  constructor(
    readonly session: FleetSession,
    readonly struckAt: number | null,
  ) {
    const { connectionCount, acked } = session.device;
    this.#before = { connections: connectionCount, acked };
    this.awaySince = struckAt;
  }

  /** @param pids of the workers that can hold it, by their ids in the fleet */
  look(view: SessionView | undefined, pids: ReadonlyMap<string, number>): void {
    this.view = view;
    const now = Date.now();
    if (this.#isBack(view, pids)) {
      if (this.awaySince !== null) this.awayMs = Math.max(this.awayMs, now - this.awaySince);
      this.awaySince = null;
    } else {
      this.awaySince ??= now;
    }
  }

  /** Ready on a living worker, in use, and what came since is being saved. */
  #isBack(view: SessionView | undefined, pids: ReadonlyMap<string, number>): boolean {
    if (view?.state !== 'ready' || !pids.has(view.worker?.id ?? '')) return false;
    // What was never saved is lost with its worker: nobody has promised anything yet.
    if (view.lastSave === null) return false;
    const { connections, connectionCount, acked } = this.session.device;
    if (connections === 0) return false;
    if (this.struckAt === null) return true;
    if (connectionCount === this.#before.connections) return false;
    this.#ackedOnReturn ??= acked;
    const savedAt = Date.parse(view.lastSave?.at ?? '');
    return acked > this.#ackedOnReturn && savedAt > this.struckAt;
  }
}

export interface Recovery {
  /** How long each session was away at most, in milliseconds; those that were not are left out. */
  awayMs: Map<string, number>;
  /** Those that are not back, and what the fleet says of them. */
  missing: string[];
}

/**
 * Waits until every session is ready on a living worker, in use and saved.
 *
 * @param struck those whose worker was struck, and when
 */
export async function awaitRecovery(
  world: FleetWorld,
  struck: { at: number; sessions: readonly string[] } | null,
  patienceMs: number,
): Promise<Recovery> {
  const all = world.sessions.map((session) => {
    return new Returning(session, struck?.sessions.includes(session.id) ? struck.at : null);
  });
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    await lookAt(world, all).catch(() => undefined);
    const isOver = all.every(({ awaySince, view }) => awaySince === null && view !== undefined);
    if (isOver || Date.now() > giveUpAt) break;
    await sleep(LOOK_MS);
  }
  const away = all.filter(({ awayMs }) => awayMs > 0);
  return {
    awayMs: new Map(away.map(({ session, awayMs }) => [session.id, awayMs])),
    missing: all
      .filter(({ awaySince, view }) => awaySince !== null || view === undefined)
      .map(({ session, view }) => `${session.id} is not back: ${JSON.stringify(view)}`),
  };
}

async function lookAt(world: FleetWorld, all: readonly Returning[]): Promise<void> {
  const [views, pids] = await Promise.all([world.api.sessions(), activePids(world)]);
  for (const each of all) {
    each.look(
      views.find(({ id }) => id === each.session.id),
      pids,
    );
  }
}

/** The processes of the workers that can hold a session, by their ids in the fleet. */
export async function activePids(world: FleetWorld): Promise<Map<string, number>> {
  const active = new Set(world.active.map(({ pid }) => pid));
  const workers = await world.api.workers();
  return new Map(workers.filter(({ pid }) => active.has(pid)).map(({ id, pid }) => [id, pid]));
}
