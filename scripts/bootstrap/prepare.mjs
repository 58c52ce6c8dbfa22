import { browserMissing, installBrowser } from './browser.mjs';
import { build, buildOutdated } from './build.mjs';
import { withLock } from './lock.mjs';
import { installPackages, packagesOutdated } from './packages.mjs';

const steps = [
  { isNeeded: packagesOutdated, run: installPackages },
  { isNeeded: buildOutdated, run: build },
  { isNeeded: browserMissing, run: installBrowser },
];

/**
 * Installs, builds and finds a browser, as far as needed. Two at once are fine: a step runs under a
 * lock, and whoever had to wait looks again whether it is still needed.
 */
export async function prepare(root) {
  for (const step of steps) {
    if (!step.isNeeded(root)) continue;
    await withLock(root, async () => {
      if (step.isNeeded(root)) await step.run(root);
    });
  }
}
