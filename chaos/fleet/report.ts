import { describeSpread, type Spread, spread } from '../report/spread.js';
import type { FleetEnd } from './fleet-end.js';
import { type FleetRoundResult, fleetFaultsOf } from './result.js';

export interface FleetSummary {
  rounds: number;
  failedRounds: number[];
  /** Sessions whose worker was struck, over all rounds. */
  struck: number;
  /** Of those, from the blow until they were back. */
  awayMs: Spread;
  awayAfterKillMs: Spread;
  awayAfterPauseMs: Spread;
  /** Sessions that were handed over cleanly. */
  moved: number;
  updatesLost: number;
  /** How far the store was behind at a blow after which it was needed. */
  lossMs: Spread;
  doubleHolders: number;
  handOverOverlaps: number;
  leftovers: number;
  problems: number;
  cuts: number;
  /** From SIGTERM to the end, of a worker that was paused, the fleet in use. */
  handOverMs: Spread;
  /** The same of each worker at the end of the run, all at once. */
  endMs: Spread;
}

export function summarizeFleet(
  results: readonly FleetRoundResult[],
  end: FleetEnd,
  leaseTermMs: number,
): FleetSummary {
  const sum = (of: (result: FleetRoundResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const away = (isOf: (result: FleetRoundResult) => boolean) =>
    spread(results.filter(isOf).flatMap(({ awayMs }) => Object.values(awayMs)));
  const losses = results.flatMap((result) => result.losses);
  return {
    rounds: results.length,
    failedRounds: results
      .filter((result) => fleetFaultsOf(result, leaseTermMs).length > 0)
      .map(({ round }) => round),
    struck: sum(({ strike }) => strike?.held.length ?? 0),
    awayMs: away(() => true),
    awayAfterKillMs: away(({ plan }) => plan.blow !== 'pause'),
    awayAfterPauseMs: away(({ plan }) => plan.blow === 'pause'),
    moved: sum(({ moved }) => moved.length),
    updatesLost: losses.reduce((total, { updates }) => total + updates, 0),
    lossMs: spread(losses.map(({ ms }) => ms)),
    doubleHolders: sum(({ doubleHolders }) => doubleHolders.length),
    handOverOverlaps: sum(({ overlaps, doubleHolders }) => overlaps - doubleHolders.length),
    leftovers: sum(({ leftovers }) => leftovers.length) + end.leftovers.length,
    problems: sum(({ problems }) => problems.length) + end.problems.length,
    cuts: sum(({ cuts }) => cuts),
    handOverMs: spread(results.map(({ endMs }) => endMs)),
    endMs: spread(end.endMs),
  };
}

/** One line of a round, and one for each thing that was wrong. */
export function describeFleetRound(result: FleetRoundResult, leaseTermMs: number): string {
  const { round, plan, strike, awayMs, moved, losses, overlaps, endMs } = result;
  const away = Object.values(awayMs);
  const lost = losses.reduce((total, { updates }) => total + updates, 0);
  const facts = [
    plan.blow === 'pause'
      ? `paused for ${plan.pauseTerms.toFixed(1)} terms`
      : `kill -9 of ${plan.blow === 'both' ? 'node and its browsers' : 'node'}`,
    `${strike?.held.length ?? 0} sessions struck`,
    away.length === 0 ? null : `back after ${Math.min(...away)} to ${Math.max(...away)} ms`,
    moved.length === 0 ? null : `${moved.length} handed over`,
    lost === 0 ? null : `${lost} updates lost (${Math.max(...losses.map(({ ms }) => ms))} ms)`,
    overlaps === 0 ? null : `${overlaps} overlaps`,
    endMs === null ? null : `ended within ${endMs} ms`,
  ];
  const line = `round ${round}: ${facts.filter((fact) => fact !== null).join('; ')}`;
  const faults = fleetFaultsOf(result, leaseTermMs);
  return [line, ...faults.map((fault) => `  FAILED: ${fault}`)].join('\n');
}

export function describeFleetSummary(summary: FleetSummary): string {
  const rows: [string, string | number][] = [
    ['rounds', summary.rounds],
    ['sessions struck', summary.struck],
    ['sessions back after', describeSpread(summary.awayMs)],
    ['  after kill -9', describeSpread(summary.awayAfterKillMs)],
    ['  after a pause', describeSpread(summary.awayAfterPauseMs)],
    ['sessions handed over beside', summary.moved],
    ['double holders', summary.doubleHolders],
    ['  overlaps within a hand-over', summary.handOverOverlaps],
    ['updates lost', summary.updatesLost],
    ['store behind at a blow', describeSpread(summary.lossMs)],
    ['leftovers', summary.leftovers],
    ['other problems', summary.problems],
    ['cuts of the connections to the store', summary.cuts],
    ['end of a worker', describeSpread(summary.handOverMs)],
    ['end of all workers at once', describeSpread(summary.endMs)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
