import path from 'node:path';
import type { Keepers } from '../keeper/keepers.js';
import { fetchDebianPackages } from './debian-packages.js';
import { findPrograms, type Installation, type ProgramSet } from './installation.js';

/** What this machine has, else Debian's packages unpacked for us alone. Throws `Unavailable`. */
export async function findOrFetch(set: ProgramSet, keepers: Keepers): Promise<Installation> {
  const installed = await findInstalled(set.programs, set.folders?.('/'));
  return installed ?? (await fetchDebianPackages(set, keepers));
}

export async function findInstalled(
  programs: string[],
  furtherFolders: string[] = [],
): Promise<Installation | undefined> {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  // Servers lie where not everybody's PATH leads.
  if (process.platform !== 'win32') folders.push('/usr/local/sbin', '/usr/sbin');
  const all = [...folders, ...furtherFolders];
  return await findPrograms(programs, all, process.env).catch(() => undefined);
}
