import type { Blow, RoundPlan } from './plan.js';

/** One that fell. */
export interface Strike {
  at: number;
  blow: Blow;
  /** Whether the worker that was struck had saved anything since its start. */
  wasSaving: boolean;
  /** The request at which it fell, if it fell at one. */
  request: string | null;
}

/** Updates that a device had acknowledged and did not have any more when it came back. */
export interface Loss {
  updates: number;
  /** How long before the blow the first of them was acknowledged. */
  ms: number;
  /** The store failed, so that it could not be kept up to date. */
  storeFailed: boolean;
  wasSaving: boolean;
}

export interface RoundResult {
  round: number;
  plan: RoundPlan;
  /** `stuck`: not linked again within a long time. */
  outcome: 'linked' | 'asked for a code' | 'refused as corrupt' | 'stuck';
  strikes: Strike[];
  losses: Loss[];
  /** From the start of the process to `ready`, where nothing but a kill -9 was before. */
  restartMs: number | null;
  /** From `ready` to the first `session_saved`. */
  durableMs: number | null;
  /** A restart after a kill -9, nobody else there: how long it waited for the lease. */
  leaseWaitMs: number | null;
  /** Times that there were two connections, those of a hand-over included. */
  overlaps: number;
  /** How often the connections to the store were cut. */
  cuts: number;
  holes: string[];
  doubleHolders: string[];
  leftovers: string[];
  /** Whatever else must not be. */
  problems: string[];
}

export function newResult(round: number, plan: RoundPlan): RoundResult {
  return {
    round,
    plan,
    outcome: 'stuck',
    strikes: [],
    losses: [],
    restartMs: null,
    durableMs: null,
    leaseWaitMs: null,
    overlaps: 0,
    cuts: 0,
    holes: [],
    doubleHolders: [],
    leftovers: [],
    problems: [],
  };
}

export function faultsOf(result: RoundResult): string[] {
  const { outcome, holes, doubleHolders, leftovers, problems } = result;
  return [
    ...(outcome === 'linked' ? [] : [outcome]),
    ...holes.map((hole) => `hole: ${hole}`),
    ...doubleHolders.map((holder) => `double holder: ${holder}`),
    ...leftovers.map((left) => `left over: ${left}`),
    ...problems,
  ];
}
