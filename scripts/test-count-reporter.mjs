// Ends a test run with one plain line that people and programs can read: "12 passed, 0 failed".

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
    const line = `${count('passed')} passed, ${failed} failed`;
    console.log(skipped > 0 ? `${line}, ${skipped} skipped` : line);
  }
}
