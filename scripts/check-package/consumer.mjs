import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from '../run-quietly.mjs';

/** Installs the packed package into a new project. */
export async function installConsumer({ name, version, tarball }, folder) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  await runNpm(folder, [
    'install',
    tarball,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
  ]);
  refuseInstallScripts(folder);
  return { name, version, folder };
}

/** Such a script may compile or download; no package that users get may do either. */
function refuseInstallScripts(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const withScript = Object.keys(packages).filter((path) => packages[path].hasInstallScript);
  if (withScript.length > 0) {
    throw new Error(
      `These packages run a script when they are installed: ${withScript.join(', ')}.`,
    );
  }
}
