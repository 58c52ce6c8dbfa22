import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installDebianPackages, isRootOnDebian } from './debian.mjs';

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
