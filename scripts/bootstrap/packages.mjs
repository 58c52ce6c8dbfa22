import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from '../run-quietly.mjs';

/**
 * True when `node_modules` is not what `package-lock.json` says. npm writes down what it installed,
 * as its last act, in `node_modules/.package-lock.json`; so this holds for an interrupted
 * installation and for one made by hand too.
 */
export function packagesOutdated(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return true;
  return (
    Object.entries(wanted).some(([path, entry]) => !isInstalled(entry, installed[path])) ||
    Object.values(installed).some(isForAnotherSystem)
  );
}

export async function installPackages(root) {
  console.error('Installing packages (npm ci) …');
  await runNpm(root, ['ci', '--include=dev', '--no-audit', '--no-fund']);
}

/** The packages of a lock file by their path below the root, without the root itself. */
function readLock(path) {
  try {
    const { '': _root, ...packages } = JSON.parse(readFileSync(path, 'utf8')).packages;
    return packages;
  } catch {
    return undefined;
  }
}

function isInstalled(wanted, installed) {
  if (installed === undefined) return wanted.optional === true || wanted.devOptional === true;
  return wanted.version === installed.version && wanted.integrity === installed.integrity;
}

/** A folder shared with a container or copied from another machine brings such packages. */
function isForAnotherSystem(installed) {
  return (
    (installed.os !== undefined && !admits(installed.os, process.platform)) ||
    (installed.cpu !== undefined && !admits(installed.cpu, process.arch))
  );
}

function admits(list, value) {
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((entry) => entry.startsWith('!'));
}
