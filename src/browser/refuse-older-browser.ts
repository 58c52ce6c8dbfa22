import { HoldfastError } from '../errors.js';

/**
 * Refuses to open a profile with a browser that is older, by its major version, than the one that
 * used the profile last. What cannot be told, a null or a version that cannot be read, passes.
 *
 * @param profileVersion of the browser that used the profile last, such as `150.0.7871.100`
 * @param browserVersion of the browser that is to open it
 * @throws {HoldfastError} BROWSER_TOO_OLD
 */
export function refuseOlderBrowser(
  profileVersion: string | null,
  browserVersion: string | null,
): void {
  const profileMajor = majorOf(profileVersion);
  const browserMajor = majorOf(browserVersion);
  if (profileMajor === null || browserMajor === null || browserMajor >= profileMajor) return;
  throw new HoldfastError(
    'BROWSER_TOO_OLD',
    `The profile was last used by version ${profileVersion} of the browser, and this one is ` +
      `version ${browserVersion}: Chromium deletes logins on downgrade. Update the browser to ` +
      `version ${profileMajor} or newer, or allow it by the option allowOlderBrowser: true.`,
  );
}

/** 150 of `150.0.7871.100` and of `Chrome/150.0.7871.100`. */
function majorOf(version: string | null): number | null {
  const major = /\d+/.exec(version ?? '')?.[0];
  return major === undefined ? null : Number(major);
}
