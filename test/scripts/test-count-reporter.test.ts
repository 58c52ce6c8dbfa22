import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectRoot } from './fixture-project.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'count-reporter-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The last line that a run of these test files prints. */
function lastLineOf(files: Record<string, string>): string | undefined {
  return linesOf(files).at(-1);
}

function linesOf(files: Record<string, string>): string[] {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(projectRoot, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--globals',
      '--reporter=default',
      `--reporter=${join(projectRoot, 'scripts/test-count-reporter.mjs')}`,
    ],
    { cwd: folder, encoding: 'utf8', env: { ...Object.fromEntries(ours), FORCE_COLOR: '1' } },
  );
  return stdout.trimEnd().split('\n');
}

it('the last line counts what passed, failed and was skipped, without colours', () => {
  const tests = `
    test('a', () => {});
    describe('in a group', () => test('b', () => {}));
    test('c', () => expect(1).toBe(2));
    test.skip('d', () => {});
    test.todo('e');`;
  expect(lastLineOf({ 'some.test.js': tests })).toBe('2 passed, 1 failed, 2 skipped');
});

it('each reason for which tests were skipped has its line before', () => {
  const tests = `
    test('a', ({ skip }) => skip('there is no printer'));
    test('b', ({ skip }) => skip('there is no printer'));
    test('c', ({ skip }) => skip('it is raining'));
    test.skip('d', () => {});`;
  expect(linesOf({ 'some.test.js': tests }).slice(-3)).toEqual([
    '2 skipped: there is no printer',
    '1 skipped: it is raining',
    '0 passed, 0 failed, 4 skipped',
  ]);
});

it('nothing is said of skipped tests when there are none', () => {
  expect(lastLineOf({ 'some.test.js': "test('a', () => {});" })).toBe('1 passed, 0 failed');
});

it('what fails outside of a test is a failure too', () => {
  const files = {
    'unloadable.test.js': "throw new Error('cannot load');",
    'hook.test.js': `
      describe('in a group', () => {
        afterAll(() => { throw new Error('cannot clean up'); });
        test('a', () => {});
      });`,
    'unhandled.test.js': "test('b', () => { Promise.reject(new Error('not awaited')); });",
  };
  expect(lastLineOf(files)).toBe('2 passed, 3 failed');
});
