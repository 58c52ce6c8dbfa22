import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { filesBelow } from './files.js';

interface Entry {
  size: number;
  mtimeMs: number;
  inode: number;
  hash: string;
}

/** What some folders of a profile hold, file by file. */
export type Inventory = Map<string, Entry>;

export interface Changes {
  /** Bytes of files that are new, or differ other than by growing. */
  rewritten: number;
  /** Bytes at the end of files that have only grown. */
  appended: number;
  /** Files that are new, differ or have grown. */
  files: number;
  /** Bytes of the files that are gone. */
  removed: number;
}

/** Takes stock; what stands as it did in `before` (size, time, inode) is not read again. */
export function takeInventory(
  base: string,
  folders: readonly string[],
  before?: Inventory,
): Inventory {
  const inventory: Inventory = new Map();
  for (const folder of folders) {
    for (const { path: file, stats } of filesBelow(path.join(base, folder))) {
      const name = path.relative(base, file);
      const { size, mtimeMs, ino: inode } = stats;
      const old = before?.get(name);
      const isSame = old?.size === size && old.mtimeMs === mtimeMs && old.inode === inode;
      const bytes = isSame ? undefined : readIfThere(file);
      if (isSame) inventory.set(name, old);
      else if (bytes) {
        inventory.set(name, { size: bytes.length, mtimeMs, inode, hash: hashOf(bytes) });
      }
    }
  }
  return inventory;
}

/** How much of what stands in `base` now was not there `before`. */
export function compare(base: string, before: Inventory, now: Inventory): Changes {
  const changes: Changes = { rewritten: 0, appended: 0, files: 0, removed: 0 };
  for (const [name, entry] of now) {
    const old = before.get(name);
    if (old?.hash === entry.hash) continue;
    changes.files++;
    if (old && hasGrown(path.join(base, name), old, entry)) {
      changes.appended += entry.size - old.size;
    } else changes.rewritten += entry.size;
  }
  for (const [name, { size }] of before) if (!now.has(name)) changes.removed += size;
  return changes;
}

function hasGrown(file: string, old: Entry, now: Entry): boolean {
  if (now.size <= old.size) return false;
  const bytes = readIfThere(file);
  return bytes !== undefined && hashOf(bytes.subarray(0, old.size)) === old.hash;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('base64');
}
