import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type Tree = Record<string, Buffer>;

const DATABASE = 'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb';
const LOCAL_STORAGE = 'Default/Local Storage/leveldb';

/** What a session is at least. */
export const SESSION: Tree = {
  [`${DATABASE}/000005.ldb`]: Buffer.from('a table'.repeat(100)),
  [`${DATABASE}/CURRENT`]: Buffer.from('MANIFEST-000001\n'),
  [`${LOCAL_STORAGE}/000003.log`]: Buffer.from('a log'.repeat(100)),
};

/** What is unpacked of {@link SESSION}. */
export const UNPACKED_SESSION: Tree = withPreferences(SESSION);

/** The browser must take the profile for one that crashed, else it drops session cookies. */
export function withPreferences(tree: Tree): Tree {
  return { ...tree, 'Default/Preferences': Buffer.from('{"profile":{"exit_type":"Crashed"}}') };
}

export async function writeTree(folder: string, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

export async function readTree(folder: string): Promise<Tree> {
  const tree: Tree = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    tree[path.slice(folder.length + 1).replaceAll('\\', '/')] = await readFile(path);
  }
  return tree;
}

/** To compare trees by: comparing megabytes one by one takes seconds. */
export function digests(tree: Tree): Record<string, string> {
  const pairs = Object.entries(tree).map(([path, content]) => [
    path,
    `${content.length} ${createHash('sha256').update(content).digest('hex')}`,
  ]);
  return Object.fromEntries(pairs);
}
