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
import { theirs, untilSettled } from './support/their-remote-auth.js';

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
