import { readFileSync } from 'node:fs';
import { runQuietly } from '../run-quietly.mjs';

/** True where packages can be installed without asking. */
export function isRootOnDebian() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return false;
  try {
    return /^ID=["']?debian["']?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

export async function installDebianPackages(packages) {
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
