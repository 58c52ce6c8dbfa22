import { writeFile } from 'node:fs/promises';
import type { BenchCase } from './cases/bench-case.js';
import { durableCase } from './cases/durable.js';
import { loadCase } from './cases/load.js';
import { manySavesCase } from './cases/many-saves.js';
import { metricsCase } from './cases/metrics.js';
import { s3RequestsCase } from './cases/s3-requests.js';
import { savesCase } from './cases/saves.js';
import { sessionsCase } from './cases/sessions.js';
import { startsCase } from './cases/starts.js';
import { storesCase } from './cases/stores.js';
import { endCleanly } from './cleanup.js';
import { describeMachine } from './machine.js';
import { type CaseName, readOptions, USAGE } from './options.js';
import { Results } from './report/results.js';
import { writeTable } from './report/table.js';

const CASES_BY_NAME: Record<CaseName, BenchCase> = {
  saves: savesCase,
  stores: storesCase,
  'many-saves': manySavesCase,
  starts: startsCase,
  durable: durableCase,
  load: loadCase,
  sessions: sessionsCase,
  's3-requests': s3RequestsCase,
  metrics: metricsCase,
};

async function main(commandLine: string[]): Promise<void> {
  const options = readOptions(commandLine);
  if (options === 'help') return console.log(USAGE);
  endCleanly();
  const machine = describeMachine(commandLine);
  const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value ?? 'none'}`);
  console.log(`${facts.join('\n')}\n`);
  const results: Record<string, Results> = {};
  const started = performance.now();
  const say = (what: string) => {
    const passed = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`[${passed} s] ${what}`);
  };
  for (const name of options.cases) {
    const { title, columns, run } = CASES_BY_NAME[name];
    const measured = new Results();
    results[name] = measured;
    await run({ options, chromium: machine.chromium, say }, measured);
    console.log(writeTable(title, columns, measured));
    // After each case: a run that is ended early has left what it had.
    if (options.json !== undefined) {
      await writeFile(options.json, JSON.stringify({ machine, options, results }, null, 2));
    }
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);
