import { Random } from '../random.js';
import { endFleet, type FleetEnd } from './fleet-end.js';
import { FleetRound } from './fleet-round.js';
import { FleetWorld } from './fleet-world.js';
import { FLEET_USAGE, type FleetOptions, readFleetOptions } from './options.js';
import { planFleetRound } from './plan.js';
import { describeFleetRound, describeFleetSummary, summarizeFleet } from './report.js';
import { type FleetRoundResult, fleetFaultsOf } from './result.js';

/** @returns the exit status */
export async function fleetMain(commandLine: string[]): Promise<number> {
  const options = readFleetOptions(commandLine);
  if (options === 'help') {
    console.log(FLEET_USAGE);
    return 0;
  }
  const { seed, rounds, from, leaseTermMs, json } = options;
  console.error(`seed ${seed}`);
  const startedAt = Date.now();
  const { results, end } = await playAll(options, (what) => {
    console.error(`[${Math.round((Date.now() - startedAt) / 1000)} s] ${what}`);
  });
  const summary = summarizeFleet(results, end, leaseTermMs);
  const document = { seed, options, summary, rounds: results, end };
  console.log(json ? JSON.stringify(document, null, 2) : describeFleetSummary(summary));
  const faults = [...end.problems, ...end.leftovers];
  for (const fault of faults) console.error(`FAILED at the end: ${fault}`);
  if (summary.failedRounds.length === 0 && faults.length === 0) return 0;
  console.error(
    `Failed: round ${summary.failedRounds.join(', ') || 'none'}. The same decisions again: ` +
      `npm run chaos -- --fleet --seed ${seed} --from ${from} --rounds ${rounds}`,
  );
  return 1;
}

async function playAll(
  options: FleetOptions,
  say: (what: string) => void,
): Promise<{ results: FleetRoundResult[]; end: FleetEnd }> {
  const { rounds, from, seed, workers, leaseTermMs } = options;
  const world = await FleetWorld.create(options);
  const first = await Promise.all(
    Array.from({ length: workers }, () => world.startWorker(world.newDisk())),
  );
  await Promise.all(first.map((worker) => world.untilReady(worker)));
  await world.linkAll();
  say(`${options.sessions} sessions linked on ${workers} workers`);
  const results: FleetRoundResult[] = [];
  for (let number = from; number < from + rounds; number++) {
    const plan = planFleetRound(new Random(seed, number));
    const round = new FleetRound(world, plan, number);
    results.push(round.result);
    try {
      await round.play();
    } catch (error) {
      round.result.problems.push(error instanceof Error ? String(error.stack) : String(error));
    }
    say(describeFleetRound(round.result, leaseTermMs));
    // What is left is no fleet in use any more: further rounds would say nothing.
    if (fleetFaultsOf(round.result, leaseTermMs).some((fault) => fault.includes('is not back'))) {
      break;
    }
  }
  return { results, end: await endFleet(world) };
}
