import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The repository. `bench/` and `chaos/` run this code compiled, from a folder below it. */
export const projectRoot = findRoot(__dirname);

/** Where programs fetched for tests are kept; git ignores it. */
export const fetchedPrograms = path.join(projectRoot, '.holdfast', 'services');

type WithLockFile = <T>(file: string, holder: string, work: () => Promise<T>) => Promise<T>;

/** Runs `work` while no other process runs its own under this file. */
export const withLockFile: WithLockFile = async (file, holder, work) => {
  const script = path.join(projectRoot, 'scripts', 'bootstrap', 'lock.mjs');
  const lock = (await import(pathToFileURL(script).href)) as { withLockFile: WithLockFile };
  return lock.withLockFile(file, holder, work);
};

function findRoot(folder: string): string {
  const manifest = path.join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string };
    if (name === 'holdfast') return folder;
  }
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error(`${__dirname} is not in a clone of Holdfast.`);
  return findRoot(parent);
}
