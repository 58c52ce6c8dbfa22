import type { FleetBlow, FleetPlan } from './plan.js';

/** Beyond the lease term, how long a session may be away. */
export const MOST_AWAY_MS = 30_000;
/** A save a second is what is asked for; what was acknowledged longer before a blow is not lost. */
export const MOST_LOST_MS = 1000 + 2000;

export interface FleetStrike {
  at: number;
  blow: FleetBlow;
  pid: number;
  /** The sessions that the worker held. */
  held: string[];
}

export interface FleetLoss {
  session: string;
  updates: number;
  /** How long before the blow the first of them was acknowledged. */
  ms: number;
  /** The worker that was struck held the session. */
  wasStruck: boolean;
}

export interface FleetRoundResult {
  round: number;
  plan: FleetPlan;
  strike: FleetStrike | null;
  /** Of each session that the struck worker held: from the blow until it was back, in milliseconds. */
  awayMs: Record<string, number>;
  /** Sessions that changed workers although theirs was not struck. */
  moved: string[];
  losses: FleetLoss[];
  /** Times that a device had two connections, those of a hand-over included. */
  overlaps: number;
  /** From SIGTERM to the end, of a worker that was paused. */
  endMs: number | null;
  cuts: number;
  doubleHolders: string[];
  leftovers: string[];
  /** Whatever else must not be. */
  problems: string[];
}

export function newFleetResult(round: number, plan: FleetPlan): FleetRoundResult {
  return {
    round,
    plan,
    strike: null,
    awayMs: {},
    moved: [],
    losses: [],
    overlaps: 0,
    endMs: null,
    cuts: 0,
    doubleHolders: [],
    leftovers: [],
    problems: [],
  };
}

/** @param leaseTermMs of the run */
export function fleetFaultsOf(result: FleetRoundResult, leaseTermMs: number): string[] {
  const { awayMs, losses, cuts, doubleHolders, leftovers, problems } = result;
  const late = Object.entries(awayMs).filter(([, ms]) => ms > leaseTermMs + MOST_AWAY_MS);
  const lost = losses.filter(({ ms, wasStruck }) => {
    // Without its store a worker cannot save.
    return !wasStruck || (cuts === 0 && ms > MOST_LOST_MS);
  });
  return [
    ...late.map(([session, ms]) => `${session} was away for ${ms} ms`),
    ...lost.map(
      ({ session, updates, ms, wasStruck }) =>
        `${session} lost ${updates} updates, ${wasStruck ? `${ms} ms of them` : 'though its worker was not struck'}`,
    ),
    ...doubleHolders.map((holder) => `double holder: ${holder}`),
    ...leftovers.map((left) => `left over: ${left}`),
    ...problems,
  ];
}
