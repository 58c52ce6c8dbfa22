// Kills, stops and cuts off workers at random moments, and counts what becomes of their session:
//
//   npm run chaos -- --help

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runNpm } from './run-quietly.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
process.argv = [...process.argv.slice(0, 2), 'prepare', ...process.argv.slice(2)];
await import('./bootstrap.mjs');

// Each run has its own: workers are started from it until the run is over.
const builds = join(root, 'node_modules', '.cache', 'holdfast', 'chaos');
mkdirSync(builds, { recursive: true });
const build = mkdtempSync(join(builds, 'build-'));
process.once('exit', () => rmSync(build, { recursive: true, force: true, maxRetries: 5 }));
try {
  await runNpm(root, ['exec', '--', 'tsc', '-p', 'chaos/tsconfig.json', '--outDir', build]);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.argv.splice(2, 1);
await import(pathToFileURL(join(build, 'chaos', 'main.js')).href);
