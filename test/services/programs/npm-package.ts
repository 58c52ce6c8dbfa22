import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Keepers } from '../keeper/keepers.js';
import { Unavailable } from '../unavailable.js';
import { fetchedFolder } from './fetched-folder.js';
import { findPrograms, type Installation } from './installation.js';

export interface NpmPackage {
  name: string;
  version: string;
  /** As in a `package-lock.json`. */
  integrity: string;
  program: string;
}

/**
 * A server that comes as an npm package for one system only. As a dependency in package.json it
 * would make `npm ci` fail on others, and as an optional one it would be installed by every user.
 */
export async function fetchNpmPackage(wanted: NpmPackage, keepers: Keepers): Promise<Installation> {
  const { name, version, integrity, program } = wanted;
  const folderName = `${path.basename(name)}-${version}`;
  try {
    return await fetchedFolder(folderName, keepers, {
      check: (folder) =>
        findPrograms([program], [path.join(folder, 'node_modules', name, 'bin')], process.env),
      fill: async (folder, keeper) => {
        console.error(`Fetching ${name} for tests (npm) …`);
        const quiet = [
          '--ignore-scripts',
          '--no-audit',
          '--no-fund',
          '--no-package-lock',
          '--fetch-retries=1',
        ];
        await keeper.finish('npm', [
          'install',
          '--prefix',
          folder,
          ...quiet,
          '--no-save',
          `${name}@${version}`,
        ]);
        const installed = readFileSync(path.join(folder, 'node_modules', '.package-lock.json'));
        if (!installed.includes(integrity)) throw new Error(`${name} is not what it was`);
      },
    });
  } catch (error) {
    const { message } = error as Error;
    const reason = /^npm (error|ERR!) .*/m.exec(message)?.[0] ?? message.split('\n', 1)[0];
    throw new Unavailable(`fetching ${name} from npm failed: ${reason}`, { cause: error });
  }
}
