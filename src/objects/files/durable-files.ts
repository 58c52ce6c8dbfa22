import { lstat, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ByteRange } from '../object-store.js';
import { errnoOf } from './file-errors.js';

/** What is in a store opens a session: only its owner may look. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Creates a file; when this resolves its content has reached the disk, though not its name. */
export async function createFile(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', FILE_MODE);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The bytes of a file or of a range of it; null when it is not there. */
export async function readBytes(file: string, range?: ByteRange): Promise<Uint8Array | null> {
  const handle = await open(file, 'r').catch(nullWhenMissing);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    const start = Math.min(range?.start ?? 0, size);
    const bytes = new Uint8Array(Math.min(range?.end ?? size, size) - start);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) throw new Error(`${file} ended while it was read`);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

export async function isThere(file: string): Promise<boolean> {
  return (await lstat(file).catch(nullWhenMissing)) !== null;
}

/** Makes one folder; one that is there already is no error. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** Makes a folder and those above it that are not there, so that they stay after a power cut. */
export async function makeFolders(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  if (first === undefined) return;
  const end = path.dirname(path.resolve(first));
  for (let made = folder; made !== end; made = path.dirname(made)) {
    await syncFolder(path.dirname(made));
  }
}

/** What file systems answer that cannot sync a folder; they keep names in their own way. */
const CANNOT_SYNC = new Set(['EINVAL', 'EISDIR', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** Makes the names in a folder reach the disk. Windows has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!CANNOT_SYNC.has(errnoOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

/** Removes what is only in the way. That it stays is no reason to fail: the next sweep is for it. */
export async function discard(file: string): Promise<void> {
  await rm(file, { recursive: true, force: true }).catch(() => undefined);
}

export function nullWhenMissing(error: unknown): null {
  if (errnoOf(error) === 'ENOENT') return null;
  throw error;
}
