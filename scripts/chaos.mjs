// Kills, stops and cuts off workers at random moments, and counts what becomes of their session:
//
//   npm run chaos -- --help

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runNpm } from './run-quietly.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
process.argv = [...process.argv.slice(0, 2), 'prepare', ...process.argv.slice(2)];
await import('./bootstrap.mjs');

const build = join(root, 'node_modules', '.cache', 'holdfast', 'chaos', 'build');
rmSync(build, { recursive: true, force: true });
try {
  await runNpm(root, ['exec', '--', 'tsc', '-p', 'chaos/tsconfig.json']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.argv.splice(2, 1);
await import(pathToFileURL(join(build, 'chaos', 'main.js')).href);
