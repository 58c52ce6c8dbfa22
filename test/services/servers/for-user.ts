import { chownSync, cpSync } from 'node:fs';
import path from 'node:path';
import type { Keeper } from '../keeper/keeper.js';
import { isOpenToAll, type ServerUser } from '../keeper/server-user.js';
import { unpackedEnvironment } from '../programs/debian-packages.js';
import type { Installation } from '../programs/installation.js';

/**
 * Gives the keeper's folder to the user that a server runs as, and the programs as that user can
 * run them: those in a clone below `/root`, which is closed to others, are copied to that folder.
 */
export function prepareFor(
  user: ServerUser | undefined,
  keeper: Keeper,
  installation: Installation,
): Installation {
  if (user === undefined) return installation;
  chownSync(keeper.folder, user.uid, user.gid);
  const { root } = installation;
  if (root === undefined || isOpenToAll(root)) return installation;
  const copy = path.join(keeper.folder, 'programs');
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
  const paths = new Map(
    [...installation.paths].map(([name, file]) => [
      name,
      path.join(copy, path.relative(root, file)),
    ]),
  );
  return { paths, root: copy, env: unpackedEnvironment(copy) };
}
