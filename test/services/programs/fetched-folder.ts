import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Keeper } from '../keeper/keeper.js';
import type { Keepers } from '../keeper/keepers.js';
import { fetchedPrograms, withLockFile } from '../project.js';

export interface Fetch<T> {
  /** What the folder holds. Throws when it is not there, or does not run here (any more). */
  check: (folder: string) => Promise<T>;
  /** Fills a folder, which is there already and empty, with processes of the keeper. */
  fill: (folder: string, keeper: Keeper) => Promise<void>;
}

/**
 * A folder for fetched programs, kept between runs. It is there as a whole or not at all; and it is
 * fetched once, however many ask for it at the same time.
 */
export async function fetchedFolder<T>(
  name: string,
  keepers: Keepers,
  { check, fill }: Fetch<T>,
): Promise<T> {
  const folder = path.join(fetchedPrograms, name);
  const present = await check(folder).catch(() => undefined);
  if (present !== undefined) return present;
  return await withLockFile(`${folder}.lock`, `another process that fetches ${name}`, async () => {
    const fetchedMeanwhile = await check(folder).catch(() => undefined);
    if (fetchedMeanwhile !== undefined) return fetchedMeanwhile;
    removeUnfinished(name);
    const keeper = await keepers.start(`${folder}.unfinished-${randomBytes(6).toString('hex')}`);
    try {
      const filled = path.join(keeper.folder, 'filled');
      mkdirSync(filled);
      // Another user may have to run what is in there, whatever the umask.
      chmodSync(filled, 0o755);
      await fill(filled, keeper);
      rmSync(folder, { recursive: true, force: true });
      renameSync(filled, folder);
    } finally {
      await keepers.end(keeper);
    }
    return await check(folder);
  });
}

/** What a process left that was ended together with its keeper. */
function removeUnfinished(name: string): void {
  for (const entry of readdirSync(fetchedPrograms)) {
    if (!entry.startsWith(`${name}.unfinished-`)) continue;
    rmSync(path.join(fetchedPrograms, entry), { recursive: true, force: true });
  }
}
