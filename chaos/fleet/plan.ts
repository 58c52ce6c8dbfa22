import type { Random } from '../random.js';

/**
 * What is struck: a worker's `node`, or it and its browsers (`both`), by kill -9; or it is paused by
 * SIGSTOP until others have its sessions, and goes on.
 */
export type FleetBlow = 'node' | 'both' | 'pause';

export interface FleetPlan {
  blow: FleetBlow;
  /** Which of the workers, as a share of them: from 0 to below 1. */
  victim: number;
  afterMs: number;
  /** From the blow until a new worker starts in its place. */
  replacedAfterMs: number;
  /** The new worker has an empty disk, and not that of the one that was struck. */
  wipesDisk: boolean;
  /** How long a pause is, in lease terms. */
  pauseTerms: number;
}

export function planFleetRound(random: Random): FleetPlan {
  // Every choice is drawn, whether it is of use or not: so none depends on what came of another.
  return {
    blow: random.pick<FleetBlow>({ node: 35, both: 30, pause: 35 }),
    victim: random.next(),
    afterMs: random.between(0, 4000),
    replacedAfterMs: random.between(0, 3000),
    wipesDisk: random.chance(0.5),
    pauseTerms: 1.3 + random.next() * 0.7,
  };
}
