import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Store } from 'whatsapp-web.js';

/**
 * Keeps whatsapp-web.js's zips in a folder. Stores on npm look for them in the current folder,
 * where they are not.
 */
export function folderStore(folder: string, dataPath: string): Store {
  const kept = (session: string) => path.join(folder, `${session}.zip`);
  return {
    sessionExists: async ({ session }) => existsSync(kept(session)),
    async save({ session }) {
      await mkdir(folder, { recursive: true });
      const arriving = `${kept(session)}.new`;
      await copyFile(path.join(dataPath, `${session}.zip`), arriving);
      await rename(arriving, kept(session));
    },
    extract: ({ session, path: target }) => copyFile(kept(session), target),
    delete: ({ session }) => rm(kept(session), { force: true }),
  };
}
