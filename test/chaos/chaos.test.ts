import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { planRound } from '../../chaos/plan.js';
import { Random } from '../../chaos/random.js';
import type { Summary } from '../../chaos/report/summary.js';
import type { RoundResult } from '../../chaos/result.js';

const ROUNDS = 8;
const PATIENCE_MS = 600_000;

test('a seed gives the same decisions each time, and another seed others', () => {
  const decide = (seed: string) =>
    [1, 2, 3].map((round) => planRound(new Random(seed, round), round === 1));
  expect(decide('a seed')).toEqual(decide('a seed'));
  expect(decide('a seed')).not.toEqual(decide('another'));
  expect(decide('a seed')[0]).toMatchObject({ isNew: true });
});

const PLACES: [where: string, options: string[], rounds: number][] = [
  ['a folder', [], ROUNDS],
  ['MongoDB, its connections cut at random', ['--store', 'mongo'], ROUNDS / 2],
  ['S3, its connections cut at random', ['--store', 's3'], ROUNDS / 2],
];

test.each(PLACES)(
  'on %s, after each round of chaos the session is linked, and nothing is left over',
  async (_where, options, rounds) => {
    const command = ['--rounds', String(rounds), ...options];
    const { seed, summary, failures } = await runChaos(command);
    const replay = `npm run chaos -- ${command.join(' ')} --seed ${seed}`;
    expect(failures, replay).toEqual([]);
    expect(summary, replay).toMatchObject({
      rounds,
      linked: rounds,
      holes: 0,
      doubleHolders: 0,
      leftovers: 0,
      failedRounds: [],
    });
  },
  PATIENCE_MS,
);

interface Run {
  seed: string;
  summary: Summary;
  failures: RoundResult[];
}

async function runChaos(options: string[]): Promise<Run> {
  const command = ['scripts/chaos.mjs', '--json', ...options];
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: PATIENCE_MS - 10_000 };
  // The exit status is 1 when a round has failed; the document says which.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, limits).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  if (!stdout.startsWith('{')) throw new Error(`no results: ${stderr}`);
  const { seed, summary, rounds } = JSON.parse(stdout) as Omit<Run, 'failures'> & {
    rounds: RoundResult[];
  };
  const failures = rounds.filter(({ round }) => summary.failedRounds.includes(round));
  return { seed, summary, failures };
}
