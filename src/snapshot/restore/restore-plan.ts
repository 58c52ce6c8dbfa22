import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { BlobRef, FileEntry, Manifest } from '../manifest.js';
import type { Sealer } from '../sealer.js';

/** Where a chunk's content belongs. */
export interface Destination {
  file: string;
  position: number;
}

/** What of a snapshot has to be fetched, and to where it goes. */
export interface RestorePlan {
  /** By pack. */
  fetch: Map<string, Map<BlobRef, Destination[]>>;
  fetchBytes: number;
  reusedFiles: number;
}

/**
 * Looks what is there already: in the staging folder, from a restore that was interrupted, and in
 * the folder that is to be replaced. What has the right content is used.
 */
export async function planRestore(
  manifest: Manifest,
  sealer: Sealer,
  staging: string,
  existing: string,
): Promise<RestorePlan> {
  await removeOthers(staging, new Set(manifest.files.keys()));
  const plan: RestorePlan = { fetch: new Map(), fetchBytes: 0, reusedFiles: 0 };
  for (const [name, entry] of manifest.files) {
    const file = path.join(staging, name);
    if (await isThere(file, entry, sealer, 'exactly')) {
      plan.reusedFiles++;
      continue;
    }
    await rm(file, { force: true, recursive: true });
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const old = path.join(existing, name);
    if (entry.size > 0 && (await isThere(old, entry, sealer, 'at its beginning'))) {
      await take(old, file, entry.size);
      plan.reusedFiles++;
      continue;
    }
    await (await open(file, 'w', 0o600)).close();
    addToPlan(plan, file, entry);
  }
  return plan;
}

function addToPlan(plan: RestorePlan, file: string, entry: FileEntry): void {
  let position = 0;
  for (const ref of entry.chunks) {
    const pack = plan.fetch.get(ref.pack) ?? new Map<BlobRef, Destination[]>();
    plan.fetch.set(ref.pack, pack);
    const destinations = pack.get(ref) ?? [];
    if (destinations.length === 0) plan.fetchBytes += ref.stored;
    pack.set(ref, [...destinations, { file, position }]);
    position += ref.length;
  }
}

async function isThere(
  file: string,
  entry: FileEntry,
  sealer: Sealer,
  how: 'exactly' | 'at its beginning',
): Promise<boolean> {
  try {
    const { size } = await stat(file);
    if (how === 'exactly' ? size !== entry.size : size < entry.size) return false;
    const handle = await open(file, 'r');
    try {
      let position = 0;
      const longest = Math.max(0, ...entry.chunks.map(({ length }) => length));
      const memory = Buffer.allocUnsafeSlow(longest);
      for (const { length, id } of entry.chunks) {
        const content = memory.subarray(0, length);
        const { bytesRead } = await handle.read(content, 0, length, position);
        if (bytesRead < length || sealer.idOf(content) !== id) return false;
        position += length;
      }
      return true;
    } finally {
      await handle.close();
    }
  } catch {
    // Whatever is the matter with it: it is fetched instead.
    return false;
  }
}

/** Tables and blobs are never written again, so that a link does as well as a copy. */
const IMMUTABLE = /\.ldb$|\.blob\//;

async function take(old: string, file: string, size: number): Promise<void> {
  if (IMMUTABLE.test(old.replaceAll(path.sep, '/')) && (await stat(old)).size === size) {
    try {
      return await link(old, file);
    } catch {
      // No hard links here: copied.
    }
  }
  await copyFile(old, file, constants.COPYFILE_FICLONE);
  await truncate(file, size);
}

/**
 * Removes from an interrupted restore what does not belong to this snapshot; also folders, which
 * Chromium would list as databases.
 */
async function removeOthers(staging: string, wanted: ReadonlySet<string>): Promise<void> {
  const folders = new Set<string>();
  for (const name of wanted) {
    for (let at = path.posix.dirname(name); at !== '.'; at = path.posix.dirname(at)) {
      folders.add(at);
    }
  }
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(path.join(staging, folder), { withFileTypes: true });
    for (const entry of entries) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory() && folders.has(name)) await visit(name);
      else if (entry.isDirectory() || !wanted.has(name)) {
        await rm(path.join(staging, name), { recursive: true, force: true });
      }
    }
  };
  await visit('Default').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
