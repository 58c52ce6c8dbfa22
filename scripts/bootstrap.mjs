// The first step of `npm start` and `npm test`. It works on a fresh clone, so it has no
// dependencies: it installs the packages, builds, makes sure of a browser, and then becomes the
// program that was asked for. What is in place already is left alone, silently.
//
//   node scripts/bootstrap.mjs start [arguments of "holdfast run"]
//   node scripts/bootstrap.mjs test [arguments of "vitest run"]
//   node scripts/bootstrap.mjs prepare

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...programArguments] = process.argv.slice(2);

requireNodeVersion();

// Loaded only now: an old Node would stop at their syntax, with a message that helps nobody.
const { becomeHoldfast, becomeTests } = await import('./bootstrap/become.mjs');
const { endWithShell } = await import('./bootstrap/end-with-shell.mjs');
const { prepare } = await import('./bootstrap/prepare.mjs');

const programs = { start: becomeHoldfast, test: becomeTests, prepare: () => {} };
const becomeProgram = programs[command];
if (becomeProgram === undefined) {
  fail(`Unknown command "${command ?? ''}". Say start, test or prepare.`);
}

endWithShell();
await prepare(root).catch((error) => fail(error.message));
await becomeProgram(root, programArguments);

function requireNodeVersion() {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const [major, minor] = /(\d+)\.(\d+)/.exec(engines.node).slice(1).map(Number);
  const [thisMajor, thisMinor] = process.versions.node.split('.').map(Number);
  if (thisMajor > major || (thisMajor === major && thisMinor >= minor)) return;
  fail(
    `Node.js ${process.versions.node} is too old: ${major}.${minor} or newer is needed. ` +
      'Get it from https://nodejs.org/ or with your version manager.',
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
