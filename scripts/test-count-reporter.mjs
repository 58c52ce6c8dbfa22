// Ends a test run with one plain line that people and programs can read: "12 passed, 0 failed".
// Before it, a line for each reason why tests were skipped.

/** A vitest reporter. What fails outside of a test, such as a file that cannot load, counts as failed. */
export default class TestCountReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const tests = testModules.flatMap((testModule) => [...testModule.children.allTests()]);
    const suites = testModules.flatMap((testModule) => [
      testModule,
      ...testModule.children.allSuites(),
    ]);
    const count = (state) => tests.filter((test) => test.result().state === state).length;
    const failedOutsideTests = suites.filter((suite) => suite.errors().length > 0).length;

    const failed = count('failed') + failedOutsideTests + unhandledErrors.length;
    const skipped = count('skipped');
    for (const [reason, number] of countReasons(tests)) {
      console.log(`${number} skipped: ${reason}`);
    }
    const line = `${count('passed')} passed, ${failed} failed`;
    console.log(skipped > 0 ? `${line}, ${skipped} skipped` : line);
  }
}

/** A test that is skipped while it runs may say why; one that is written as skipped does not. */
function countReasons(tests) {
  const counts = new Map();
  for (const test of tests) {
    const { state, note } = test.result();
    if (state === 'skipped' && note) counts.set(note, (counts.get(note) ?? 0) + 1);
  }
  return counts;
}
