import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { claimIfThere } from '../profile/profile-claim.js';

const SESSION_FOLDER = /^RemoteAuth(-.+)?$/;

/**
 * Ends the browsers that a worker which was killed has left on this disk, and clears their locks, also
 * in the temporary folder. Where its sessions are started again that is done anyway; but others may
 * have taken them. What a live process uses is left alone. Never fails.
 */
export async function sweepDisk(dataPath: string): Promise<void> {
  const names = await readdir(dataPath).catch(() => []);
  const sessions = names.filter((name) => SESSION_FOLDER.test(name));
  await Promise.all(
    sessions.map(async (name) => {
      try {
        const claim = await claimIfThere(path.join(dataPath, name));
        await claim?.release();
      } catch {
        // It is in use, or cannot be looked at: whoever starts the session says so.
      }
    }),
  );
}
