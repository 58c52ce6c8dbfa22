import { expect, test } from 'vitest';
import { refuseOlderBrowser } from '../../src/browser/refuse-older-browser.js';

test('a browser of an older major version is refused, with both versions and what to do', () => {
  expect(() => refuseOlderBrowser('150.0.7871.100', '149.0.9999.999')).toThrow(
    expect.objectContaining({
      code: 'BROWSER_TOO_OLD',
      transient: false,
      message: expect.stringMatching(
        /150\.0\.7871\.100.*149\.0\.9999\.999.*deletes logins.*150 or newer.*allowOlderBrowser: true/,
      ),
    }),
  );
  expect(() => refuseOlderBrowser('100.0.4896.60', '99.0.4844.51')).toThrow('version 100 or newer');
  expect(() => refuseOlderBrowser('Chrome/150.0.7871.100', 'HeadlessChrome/149.0.1.1')).toThrow();
});

test.each([
  ['the same', '150.0.7871.100', '150.0.7871.100'],
  ['older, but of the same major version', '150.0.7871.100', '150.0.7000.1'],
  ['newer', '99.0.4844.51', '100.0.4896.60'],
  ['unknown', '150.0.7871.100', null],
  ['known, but the profile’s is not', null, '150.0.7871.100'],
  ['not to be read', '150.0.7871.100', 'unknown'],
])('a browser whose version is %s passes', (_, profileVersion, browserVersion) => {
  expect(() => refuseOlderBrowser(profileVersion, browserVersion)).not.toThrow();
});
