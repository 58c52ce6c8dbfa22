import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ListedObject } from '../object-store.js';
import { forgetDeletedCell, sizeOfCell } from './cell-files.js';
import { nullWhenMissing } from './durable-files.js';
import { CELL_ENDING, folderName, keyPartOf, OBJECT_ENDING } from './file-names.js';

/** A file's size is a call of its own; the system serves a few at once. */
const AT_ONCE = 32;

interface Found {
  key: string;
  /** Null when it has been deleted meanwhile. */
  size(): Promise<number | null>;
  /** Removes what is left of it; not more than an attempt. */
  forget(): Promise<void>;
}

/** All whose key begins with `prefix`, in the order of the keys. */
export async function listKeys(root: string, prefix: string): Promise<ListedObject[]> {
  const folders = prefix.split('/').slice(0, -1);
  // No key begins like this, but the path would be that of other keys.
  if (folders.includes('')) return [];
  const start = folders.map((folder) => `${folder}/`).join('');
  const found = await walk(path.join(root, folderName(folders)), start, prefix);
  found.sort((one, other) => (one.key < other.key ? -1 : 1));
  const listed: ListedObject[] = [];
  for (let from = 0; from < found.length; from += AT_ONCE) {
    const some = found.slice(from, from + AT_ONCE);
    const sizes = await Promise.all(some.map(({ size }) => size()));
    for (const [index, { key, forget }] of some.entries()) {
      const size = sizes[index] ?? null;
      if (size !== null) listed.push({ key, size });
      else await forget().catch(() => undefined);
    }
  }
  return listed;
}

async function walk(folder: string, keyOfFolder: string, prefix: string): Promise<Found[]> {
  const found: Found[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(nullWhenMissing);
  for (const entry of entries ?? []) {
    const ending = endingOf(entry.name);
    const part = keyPartOf(entry.name, ending);
    if (part === null || entry.isDirectory() !== (ending !== OBJECT_ENDING)) continue;
    const key = keyOfFolder + part;
    const file = path.join(folder, entry.name);
    if (ending === '') {
      if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
      found.push(...(await walk(file, key, prefix)));
    } else if (key.startsWith(prefix)) {
      found.push({ key, ...(ending === CELL_ENDING ? ofCell(file) : ofObject(file)) });
    }
  }
  return found;
}

function ofCell(folder: string): Omit<Found, 'key'> {
  return { size: () => sizeOfCell(folder), forget: () => forgetDeletedCell(folder) };
}

function ofObject(file: string): Omit<Found, 'key'> {
  return { size: () => sizeOfFile(file), forget: async () => undefined };
}

function endingOf(name: string): string {
  return [OBJECT_ENDING, CELL_ENDING].find((ending) => name.endsWith(ending)) ?? '';
}

async function sizeOfFile(file: string): Promise<number | null> {
  return (await lstat(file).catch(nullWhenMissing))?.size ?? null;
}
