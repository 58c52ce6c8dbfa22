import { createHash } from 'node:crypto';

export interface PlannedWorker {
  id: string;
  capacity: number;
  /** Ids of the sessions it holds or is just taking. */
  held: readonly string[];
  /** It takes no more, but holds what it holds. */
  isStopping: boolean;
}

export interface PlanInput {
  /** The id of the worker that asks. */
  self: string;
  workers: readonly PlannedWorker[];
  /** Ids of the sessions that are to run. */
  wanted: readonly string[];
  /** What this worker may give away, most dispensable first. */
  movable: readonly string[];
  /** Nobody has come or gone for a while. */
  isSteady: boolean;
}

export interface Plan {
  /** For this worker to take. */
  claim: string[];
  /** For which no worker has room. */
  waiting: string[];
  /** For this worker to release, so that one that holds less takes it. */
  giveAway: string | null;
}

/**
 * Who takes which session, and what goes elsewhere. All workers that see the same plan the same;
 * while they do not, leases keep them from holding one session twice.
 */
export function plan({ self, workers, wanted, movable, isSteady }: PlanInput): Plan {
  const held = new Set(workers.flatMap((worker) => worker.held));
  const unheld = inOrderOfHash(wanted.filter((id) => !held.has(id)));
  const takers = workers
    .filter(({ isStopping, capacity }) => !isStopping && capacity > 0)
    .map(({ id, capacity, held: ids }) => ({ id, capacity, load: ids.length }));
  const claim: string[] = [];
  const waiting: string[] = [];
  for (const session of unheld) {
    const taker = leastLoaded(takers, session);
    if (taker === null) waiting.push(session);
    else taker.load++;
    if (taker?.id === self) claim.push(session);
  }
  const isPlaced = unheld.length === 0;
  const gives = isSteady && isPlaced && mostLoaded(takers)?.id === self && isUneven(takers, self);
  return { claim, waiting, giveAway: gives ? (movable[0] ?? null) : null };
}

interface Taker {
  id: string;
  capacity: number;
  load: number;
}

/** How full it is with one more. */
function fullness({ load, capacity }: Taker): number {
  return (load + 1) / capacity;
}

function leastLoaded(takers: readonly Taker[], session: string): Taker | null {
  let best: Taker | null = null;
  for (const taker of takers) {
    if (taker.load >= taker.capacity) continue;
    if (best === null || isBefore(taker, best, session)) best = taker;
  }
  return best;
}

function isBefore(a: Taker, b: Taker, session: string): boolean {
  const difference = fullness(a) - fullness(b);
  if (difference !== 0) return difference < 0;
  return hash(a.id, session) < hash(b.id, session);
}

/** One of the fullest gives at a time, and all agree which. */
function mostLoaded(takers: readonly Taker[]): Taker | undefined {
  return [...takers].sort(
    (a, b) => b.load / b.capacity - a.load / a.capacity || (hash(a.id) < hash(b.id) ? -1 : 1),
  )[0];
}

/** Whether somebody would be less full with one more than this worker is now. */
function isUneven(takers: readonly Taker[], self: string): boolean {
  const giver = takers.find(({ id }) => id === self);
  const taker = leastLoaded(
    takers.filter(({ id }) => id !== self),
    '',
  );
  return !!giver && !!taker && fullness(taker) < giver.load / giver.capacity;
}

function inOrderOfHash(ids: readonly string[]): string[] {
  return [...ids].sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
}

function hash(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}
