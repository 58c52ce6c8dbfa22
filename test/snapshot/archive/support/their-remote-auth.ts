import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { digests, readTree, type Tree } from './profile.js';

/** The parts of whatsapp-web.js's RemoteAuth that make and unpack archives. */
export interface TheirRemoteAuth {
  client: unknown;
  userDataDir: string;
  sessionName: string;
  beforeBrowserInitialized(): Promise<void>;
  compressSession(): Promise<string>;
}

const { RemoteAuth } = createRequire(import.meta.url)('whatsapp-web.js') as {
  RemoteAuth: new (options: object) => TheirRemoteAuth;
};

/** Their strategy on `dataPath`, with a store that gives out `archive`. */
export async function theirs(dataPath: string, archive?: string): Promise<TheirRemoteAuth> {
  await mkdir(dataPath, { recursive: true });
  const store = {
    sessionExists: async () => archive !== undefined,
    extract: ({ path }: { path: string }) => copyFile(archive as string, path),
  };
  const auth = new RemoteAuth({ clientId: 'shop', dataPath, store, backupSyncIntervalMs: 60_000 });
  auth.client = { options: { puppeteer: {} } };
  await auth.beforeBrowserInitialized();
  return auth;
}

/** Their extraction resolves before the last files are complete. */
export async function untilSettled(folder: string): Promise<Tree> {
  let tree = await readTree(folder);
  for (let calm = 0; calm < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const next = await readTree(folder);
    calm = JSON.stringify(digests(next)) === JSON.stringify(digests(tree)) ? calm + 1 : 0;
    tree = next;
  }
  return tree;
}

/** The folder that their RemoteAuth makes of an archive. */
export async function unpackedByTheirs(dataPath: string, archive: string): Promise<string> {
  const { userDataDir } = await theirs(dataPath, archive);
  await untilSettled(userDataDir);
  return userDataDir;
}
