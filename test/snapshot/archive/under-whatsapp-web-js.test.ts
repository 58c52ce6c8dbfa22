import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArchive } from '../../../src/snapshot/archive/read-archive.js';
import { writeArchive } from '../../../src/snapshot/archive/write-archive.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import {
  digests,
  readTree,
  SESSION,
  type Tree,
  withPreferences,
  writeTree,
} from './support/profile.js';

/** The parts of whatsapp-web.js's RemoteAuth that make and unpack archives. */
interface TheirRemoteAuth {
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
async function theirs(dataPath: string, archive?: string): Promise<TheirRemoteAuth> {
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
async function untilSettled(folder: string): Promise<Tree> {
  let tree = await readTree(folder);
  for (let calm = 0; calm < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const next = await readTree(folder);
    calm = JSON.stringify(digests(next)) === JSON.stringify(digests(tree)) ? calm + 1 : 0;
    tree = next;
  }
  return tree;
}

const folder = 'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb';
const tree: Tree = {
  ...SESSION,
  [`${folder}/000007.ldb`]: Buffer.alloc(3_000_000, 'a large table'),
  // What ends an entry for their program, if its size is not said before. So does a sent zip file.
  [`${folder}/000009.ldb`]: Buffer.from(`sent ${'PK\x07\x08'} to you PK\x03\x04 and PK\x05\x06`),
  [`${folder}/000010.log`]: Buffer.alloc(100_000, 'PK\x07\x08'),
  [`${folder}/000011.log`]: Buffer.alloc(0),
  'Default/Cookies': Buffer.from('SQLite format 3\0'),
  'Default/File System/000/t/00/00000000': Buffer.from(new Uint8Array(70_000).map((_, i) => i * i)),
};

test('their RemoteAuth unpacks what we write, to identical files', async () => {
  const ours = await temporaryFolder();
  await writeTree(join(ours, 'profile'), tree);
  await writeArchive(join(ours, 'profile'), join(ours, 'a.zip'));
  const { userDataDir } = await theirs(join(ours, 'theirs'), join(ours, 'a.zip'));
  expect(digests(await untilSettled(userDataDir))).toEqual(digests(tree));
});

test('we unpack what their RemoteAuth makes, to identical files', async () => {
  const data = await temporaryFolder();
  const auth = await theirs(data);
  await writeTree(auth.userDataDir, {
    ...tree,
    [`${folder}/LOCK`]: Buffer.alloc(0),
    'Default/History': Buffer.from('of no concern'),
  });
  const archive = await auth.compressSession();
  await readArchive(archive, join(data, 'unpacked'));
  // It takes these two folders only.
  const taken = Object.entries(tree).filter(([path]) => /IndexedDB|Local Storage/.test(path));
  expect(digests(await readTree(join(data, 'unpacked')))).toEqual(
    digests(withPreferences(Object.fromEntries(taken))),
  );
});
