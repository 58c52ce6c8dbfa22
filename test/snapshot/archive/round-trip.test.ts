import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCarried } from '../../../src/profile/file-set.js';
import { readArchive } from '../../../src/snapshot/archive/read-archive.js';
import { writeArchive } from '../../../src/snapshot/archive/write-archive.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import {
  digests,
  readTree,
  SESSION,
  type Tree,
  UNPACKED_SESSION,
  withPreferences,
  writeTree,
} from './support/profile.js';

const ROOTS = [
  'Default/IndexedDB',
  'Default/Local Storage/leveldb',
  'Default/Service Worker/CacheStorage',
  'Default/WebStorage/1/IndexedDB',
  'Default/File System',
  // Not carried.
  'Default',
  'Default/Extensions/abc',
  'Default/Session Storage',
  'ShaderCache',
];
const NAMES = [
  '000005.ldb',
  '7.log',
  'LOG',
  'LOCK',
  'Code Cache',
  'a b',
  'ümlaut',
  '日本',
  'x-1_2',
];

const segments = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 });
const path = fc
  .tuple(fc.constantFrom(...ROOTS), segments)
  .map(([root, rest]) => [root, ...rest].join('/'));
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(200_000))
    .map(([part, length]) => Buffer.alloc(length, part)),
);
const trees = fc.dictionary(path, content, { maxKeys: 12 }).map((files) => {
  const tree: Tree = {};
  const paths = Object.keys(files);
  for (const [name, bytes] of Object.entries(files)) {
    // No file where another one needs a folder.
    if (!paths.some((other) => other.startsWith(`${name}/`))) tree[name] = Buffer.from(bytes);
  }
  return tree;
});

test('what is carried of any profile comes back the same, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      const folder = await temporaryFolder();
      await writeTree(join(folder, 'profile'), { ...SESSION, ...tree });
      await writeArchive(join(folder, 'profile'), join(folder, 'a.zip'));
      await readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'));
      const carried = Object.fromEntries(Object.entries(tree).filter(([name]) => isCarried(name)));
      expect(digests(await readTree(join(folder, 'unpacked')))).toEqual(
        digests(withPreferences({ ...SESSION, ...carried })),
      );
    }),
    { numRuns: 60 },
  );
});

test('the same profile gives the same archive', async () => {
  const folder = await temporaryFolder();
  const archives: Buffer[] = [];
  for (const name of ['one', 'two']) {
    await writeTree(join(folder, name), SESSION);
    await writeArchive(join(folder, name), join(folder, `${name}.zip`));
    archives.push((await readTree(folder))[`${name}.zip`] as Buffer);
  }
  expect(archives[0]).toEqual(archives[1]);
});

test('links in the profile are not followed', async () => {
  const folder = await temporaryFolder();
  await writeTree(join(folder, 'profile'), SESSION);
  await writeFile(join(folder, 'secret'), 'of someone else');
  await symlink(join(folder, 'secret'), join(folder, 'profile/Default/IndexedDB/link'));
  await symlink(folder, join(folder, 'profile/Default/IndexedDB/folder'));
  await writeArchive(join(folder, 'profile'), join(folder, 'a.zip'));
  await readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'));
  expect(await readTree(join(folder, 'unpacked'))).toEqual(UNPACKED_SESSION);
});

test.skipIf(process.platform === 'win32')(
  'others can read neither the archive nor what is in it',
  async () => {
    const folder = await temporaryFolder();
    await writeTree(join(folder, 'profile'), SESSION);
    await writeArchive(join(folder, 'profile'), join(folder, 'a.zip'));
    expect((await stat(join(folder, 'a.zip'))).mode & 0o777).toBe(0o600);
    await mkdir(join(folder, 'unpacked'));
    await chmod(join(folder, 'unpacked'), 0o755);
    await readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'));
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.parentPath.includes('unpacked') && entry.name !== 'unpacked') continue;
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect(mode & 0o777, entry.name).toBe(entry.isDirectory() ? 0o700 : 0o600);
    }
  },
);

test('progress goes up to the whole', async () => {
  const folder = await temporaryFolder();
  const bytes = 3_000_000;
  const size = Object.values(SESSION).reduce((sum, { length }) => sum + length, bytes);
  const tree = { ...SESSION, 'Default/IndexedDB/a.leveldb/1.ldb': Buffer.alloc(bytes, 'table') };
  await writeTree(join(folder, 'profile'), tree);
  const seen: { write: number[]; read: number[] } = { write: [], read: [] };
  await writeArchive(join(folder, 'profile'), join(folder, 'a.zip'), {
    onProgress: ({ doneBytes, totalBytes }) => seen.write.push(doneBytes / totalBytes),
  });
  await readArchive(join(folder, 'a.zip'), join(folder, 'unpacked'), {
    onProgress: ({ doneBytes, totalBytes }) => {
      expect(totalBytes).toBe(size);
      seen.read.push(doneBytes / totalBytes);
    },
  });
  for (const steps of Object.values(seen)) {
    expect(steps.length).toBeGreaterThan(10);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(1);
  }
});
