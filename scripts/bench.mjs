// Measures Holdfast beside whatsapp-web.js, restic and cp; docs/bench.md says what and how.
//
//   npm run bench -- --help

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installDebianPackages, isRootOnDebian } from './bootstrap/debian.mjs';
import { runNpm, runQuietly } from './run-quietly.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
process.argv = [...process.argv.slice(0, 2), 'prepare', ...process.argv.slice(2)];
await import('./bootstrap.mjs');

if (isRootOnDebian()) await installRestic();
const build = join(root, 'node_modules', '.cache', 'holdfast', 'bench', 'build');
rmSync(build, { recursive: true, force: true });
try {
  await runNpm(root, ['exec', '--', 'tsc', '-p', 'bench/tsconfig.json']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.argv.splice(2, 1);
await import(pathToFileURL(join(build, 'bench', 'main.js')).href);

/** Without it the rest is measured all the same, and the results say that it is missing. */
async function installRestic() {
  try {
    await runQuietly('restic', ['version']);
  } catch {
    console.error('Installing restic (apt-get install restic) …');
    await installDebianPackages(['restic']).catch((error) => console.error(error.message));
  }
}
