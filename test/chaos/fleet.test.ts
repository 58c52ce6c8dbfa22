import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { FleetEnd } from '../../chaos/fleet/fleet-end.js';
import { planFleetRound } from '../../chaos/fleet/plan.js';
import type { FleetSummary } from '../../chaos/fleet/report.js';
import { type FleetRoundResult, fleetFaultsOf, newFleetResult } from '../../chaos/fleet/result.js';
import { Random } from '../../chaos/random.js';

const PATIENCE_MS = 300_000;
const TERM_MS = 4000;

const plan = planFleetRound(new Random('a seed', 1));

test('a seed gives the same decisions each time, and another seed others', () => {
  expect(planFleetRound(new Random('a seed', 1))).toEqual(plan);
  expect(planFleetRound(new Random('another', 1))).not.toEqual(plan);
});

test.each<[string, Partial<FleetRoundResult>]>([
  ['away for', { awayMs: { fleet1: TERM_MS + 30_001 } }],
  ['3100 ms', { losses: [{ session: 'fleet1', updates: 9, ms: 3100, wasStruck: true }] }],
  ['not struck', { losses: [{ session: 'fleet1', updates: 1, ms: 0, wasStruck: false }] }],
  ['double holder', { doubleHolders: ['fleet1: two connections'] }],
  ['left over', { leftovers: ['process 7'] }],
])('a round fails in which a session or something is %s', (fault, result) => {
  const faults = fleetFaultsOf({ ...newFleetResult(1, plan), ...result }, TERM_MS);
  expect(faults).toEqual([expect.stringContaining(fault)]);
});

test('what was acknowledged shortly before a blow may be lost, and a session may be away for a while', () => {
  const result: FleetRoundResult = {
    ...newFleetResult(1, plan),
    awayMs: { fleet1: TERM_MS + 29_999 },
    losses: [{ session: 'fleet1', updates: 9, ms: 2900, wasStruck: true }],
    overlaps: 1,
  };
  expect(fleetFaultsOf(result, TERM_MS)).toEqual([]);
});

test(
  'three workers, struck twice, keep three sessions, and leave nothing over',
  async () => {
    // One kill and one pause.
    const options = ['--rounds', '2', '--sessions', '3', '--term', String(TERM_MS), '--seed', 'u'];
    const { summary, rounds, end } = await runFleet(options);
    expect(rounds.flatMap((round) => fleetFaultsOf(round, TERM_MS))).toEqual([]);
    expect(end).toMatchObject({ leftovers: [], problems: [] });
    expect(rounds.map(({ strike }) => strike?.blow).sort()).toEqual(['both', 'pause']);
    expect(summary).toMatchObject({ rounds: 2, doubleHolders: 0, failedRounds: [] });
    expect(summary.struck).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);

interface Run {
  summary: FleetSummary;
  rounds: FleetRoundResult[];
  end: FleetEnd;
}

async function runFleet(options: string[]): Promise<Run> {
  const command = ['scripts/chaos.mjs', '--fleet', '--json', ...options];
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: PATIENCE_MS - 10_000 };
  // The exit status is 1 when a round has failed; the document says which.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, limits).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  if (!stdout.startsWith('{')) throw new Error(`no results: ${stderr}`);
  return JSON.parse(stdout) as Run;
}
