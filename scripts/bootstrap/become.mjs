import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Goes on as `holdfast run`. */
export async function becomeHoldfast(root, programArguments) {
  const { bin } = readPackage(join(root, 'package.json'));
  await become(join(root, bin.holdfast), ['run', ...programArguments]);
}

/** Goes on as `vitest run`, which then ends with one line that counts the tests. */
export async function becomeTests(root, programArguments) {
  const vitest = join(root, 'node_modules', 'vitest', 'package.json');
  const reporter = join(root, 'scripts', 'test-count-reporter.mjs');
  await become(join(dirname(vitest), readPackage(vitest).bin.vitest), [
    'run',
    '--reporter=default',
    `--reporter=${reporter}`,
    ...programArguments,
  ]);
}

/**
 * Goes on as another program in this very process: signals, terminal and exit code are then the
 * program's own, with nothing in between that could lose or double them.
 */
async function become(program, programArguments) {
  process.argv = [process.execPath, program, ...programArguments];
  await import(pathToFileURL(program).href);
}

function readPackage(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
