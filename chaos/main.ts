import { endCleanly } from '../bench/cleanup.js';
import { fleetMain } from './fleet/fleet-main.js';
import { type Options, readOptions, USAGE } from './options.js';
import { planRound } from './plan.js';
import { Random } from './random.js';
import { summarize } from './report/summary.js';
import { describeRound, describeSummary } from './report/text.js';
import { faultsOf, type RoundResult } from './result.js';
import { Round } from './round.js';
import { World } from './world.js';

async function playAll(options: Options, say: (what: string) => void): Promise<RoundResult[]> {
  const { rounds, from, seed } = options;
  const world = await World.create(options);
  const results: RoundResult[] = [];
  for (let number = from; number < from + rounds; number++) {
    const plan = planRound(new Random(seed, number), number === from);
    const round = new Round(world, plan, number);
    results.push(round.result);
    try {
      await round.play();
      if (number === from + rounds - 1) await round.endSession();
    } catch (error) {
      await round.abandon(error);
    }
    say(describeRound(round.result));
    if (faultsOf(round.result).length > 0) {
      say(`  replay: npm run chaos -- --seed ${seed} --from ${number} --rounds 1`);
      say(`  decisions: ${JSON.stringify(plan)}`);
    }
  }
  await world.standIn.close();
  return results;
}

async function main(commandLine: string[]): Promise<number> {
  if (commandLine.includes('--fleet')) {
    endCleanly();
    return fleetMain(commandLine);
  }
  const options = readOptions(commandLine);
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  endCleanly();
  const { seed, rounds, from } = options;
  console.error(`seed ${seed}`);
  const startedAt = Date.now();
  const results = await playAll(options, (what) => {
    console.error(`[${Math.round((Date.now() - startedAt) / 1000)} s] ${what}`);
  });
  const summary = summarize(results);
  const document = { seed, options, summary, rounds: results };
  console.log(options.json ? JSON.stringify(document, null, 2) : describeSummary(summary));
  if (summary.failedRounds.length === 0) return 0;
  console.error(
    `Failed: round ${summary.failedRounds.join(', ')}. The same decisions again: ` +
      `npm run chaos -- --seed ${seed} --from ${from} --rounds ${rounds}`,
  );
  return 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);
