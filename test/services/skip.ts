import { beforeAll, type RunnerTask, type RunnerTestCase, TestRunner } from 'vitest';

// Vitest can skip a test that runs; nothing of it can skip a file while its `beforeAll` runs. So
// this notes which file that is, as the first of its hooks.
let testsOfFile: RunnerTestCase[] = [];
// biome-ignore lint/correctness/noEmptyPattern: Vitest insists on a pattern here.
beforeAll(({}, file) => {
  testsOfFile = file.tasks.flatMap(testsOf);
});

/**
 * Gives what skips the test that runs now, or all that a `beforeAll` runs for now. When it is called
 * that may be over, by a timeout, and another test running.
 */
export function skipper(): (reason: string) => never {
  const current = TestRunner.getCurrentTest();
  return (reason) => (current ? current.context.skip(reason) : skipWaiting(reason));
}

function skipWaiting(reason: string): never {
  const waiting = testsOfFile.filter((test) => test.result === undefined);
  const result = { state: 'skip', note: reason } as const;
  for (const test of waiting) test.result = { ...result };
  // What this throws, Vitest takes out of a `beforeAll` as it takes it out of a test.
  waiting[0]?.context.skip(reason);
  throw new Error(`This is neither in a test nor in a beforeAll: ${reason}`);
}

function testsOf(task: RunnerTask): RunnerTestCase[] {
  return task.type === 'suite' ? task.tasks.flatMap(testsOf) : [task];
}
