import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';

export interface FoundFile {
  path: string;
  stats: Stats;
}

/** Every file below a folder; what vanishes while it is being looked at is left out. */
export function* filesBelow(folder: string): Generator<FoundFile> {
  for (const entry of entriesOf(folder)) {
    const entryPath = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(entryPath);
    else if (entry.isFile()) {
      const stats = lstatSync(entryPath, { throwIfNoEntry: false });
      if (stats) yield { path: entryPath, stats };
    }
  }
}

/** Length of all files below a folder. */
export function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const { stats } of filesBelow(folder)) bytes += stats.size;
  return bytes;
}

/** Bytes that a folder takes on disk; a file with several names counts once. */
export function diskUsage(folder: string): number {
  const seen = new Set<number>();
  let bytes = 0;
  for (const { stats } of filesBelow(folder)) {
    if (stats.nlink > 1 && seen.has(stats.ino)) continue;
    if (stats.nlink > 1) seen.add(stats.ino);
    // Blocks of 512 bytes, whatever the file system's own are (stat(2)).
    bytes += stats.blocks * 512;
  }
  return bytes;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
