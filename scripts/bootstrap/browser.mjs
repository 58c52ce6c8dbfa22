import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runQuietly } from '../run-quietly.mjs';

const require = createRequire(import.meta.url);

export function browserMissing(root) {
  return searchBrowser(root) !== undefined;
}

/**
 * Installs Debian's Chromium where that can be done without asking: as root on Debian, and when the
 * user has not named a browser. (Ubuntu's package of that name is only a placeholder for a snap.)
 *
 * @throws the library's own error, which says what to do, anywhere else
 */
export async function installBrowser(root) {
  const { browserVariables } = loadFinder(root);
  const isNamed = browserVariables.some((name) => process.env[name]);
  if (isNamed || !isRootOnDebian()) throw searchBrowser(root);
  console.error("Installing Debian's Chromium (apt-get install chromium) …");
  await installDebianPackages(['chromium', 'fonts-liberation']);
  const error = searchBrowser(root);
  if (error) throw error;
}

/** Undefined when there is a browser, else the error that says what was looked for. */
function searchBrowser(root) {
  try {
    loadFinder(root).findBrowser();
    return undefined;
  } catch (error) {
    if (error.code === 'BROWSER_NOT_FOUND') return error;
    throw error;
  }
}

function loadFinder(root) {
  return require(join(root, 'dist', 'browser', 'find-browser.js'));
}

function isRootOnDebian() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return false;
  try {
    return /^ID=["']?debian["']?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

async function installDebianPackages(packages) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = ['install', '-y', '--no-install-recommends', ...wait, ...packages];
  // The lists of a container image are missing, those of an old machine name files that are gone.
  try {
    await runQuietly('apt-get', install, options);
  } catch {
    await runQuietly('apt-get', ['update', ...wait], options);
    await runQuietly('apt-get', install, options);
  }
}
