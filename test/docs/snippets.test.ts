import { readdirSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { StandIn } from '../../src/standin/index.js';
import { browserArgs, startStandIn } from '../standin/stand-in.js';
import { RunningProgram } from '../support/running-program.js';
import { writeSession } from '../support/session-archive.js';
import { codeBlocks, root } from './documents.js';
import { environmentOf, makeProject } from './installed-project.js';

const examples = readdirSync(path.join(root, 'examples'));
let standIn: StandIn;
let folder: string;
let running: RunningProgram | undefined;

/** whatsapp-web.js's samples have no key, and the AWS SDK warns of Node 20 in a text of several lines. */
const errorsOf = ({ errors }: RunningProgram) =>
  errors.filter(
    (line) =>
      !/NOT_SEALED|trace-warnings|NodeVersionSupport|^versions published|^will require|^To continue|^and security|^More info|^$/.test(
        line,
      ),
  );

beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

beforeEach(async () => {
  folder = await makeProject();
});
afterEach(async () => {
  running?.signal('SIGTERM');
  await running?.ended;
});

test.each(codeBlocks('js'))('the program in $document stands in examples/ as it is', ({ code }) => {
  const programs = examples.map((name) => readFileSync(path.join(root, 'examples', name), 'utf8'));
  expect(programs).toContain(code);
});

test.each(examples)(
  'examples/%s runs as it is, up to the code to scan or to type, or to its end',
  async (name) => {
    const source = path.join(root, 'examples', name);
    const program = path.join(folder, name);
    // A copy: a link would be resolved, and then find the repository's packages, not the project's.
    await copyFile(source, program);
    // whatsapp-web.js does not see to what root needs.
    const launchArgs = browserArgs(standIn);
    const env = await environmentOf(name);
    if (name === 'store-methods.js') await writeSession(path.join(folder, 'yourSessionName.zip'));
    running = new RunningProgram(program, [], { launchArgs, cwd: folder, env });
    await running.untilOutput(
      /2@|[█▀▄ ]{40}|phone: \w{8}|Saved again: |Restored all sessions|pass \d+|Deleted: true/,
    );
    expect(errorsOf(running)).toEqual([]);
  },
);

test.each(
  codeBlocks('sh').flatMap(({ code }) =>
    code
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line.startsWith('npx holdfast')),
  ),
)('"%s" does what it is shown for', async (line) => {
  const [, , ...args] = line.split(/\s+/);
  const main = path.join(root, 'dist/cli/main.js');
  running = new RunningProgram(main, args, { launchArgs: standIn.launchArgs, cwd: folder });
  await running.untilOutput(/2@|[█▀▄ ]{40}|Pairing code: \w{4}-\w{4}|Exit status|Usage: holdfast/);
});
