import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clearSingletonLock } from '../profile/singleton-lock.js';
import { identifyProcess, isRunning, type ProcessIdentity } from '../system/processes.js';

const PREFIX = 'holdfast-';
const OWNER = 'owner.json';
const PROFILE = 'profile';

/**
 * A profile folder for one browser's life. Whoever makes one also removes those that processes
 * which were killed could not remove.
 */
export async function createTemporaryProfile(): Promise<{ folder: string; userDataDir: string }> {
  await removeAbandoned();
  const folder = await mkdtemp(path.join(tmpdir(), PREFIX));
  await writeFile(path.join(folder, OWNER), JSON.stringify(await identifyProcess(process.pid)));
  const userDataDir = path.join(folder, PROFILE);
  await mkdir(userDataDir, { mode: 0o700 });
  return { folder, userDataDir };
}

/**
 * Where a browser that is killed leaves its shared memory and its socket's folder, which go with the
 * profile then. Not on macOS: the path of that socket may be 104 characters long there, half of which
 * are the system's temporary folder. Not on Windows, which removes what is shared by itself.
 */
export function temporaryFilesIn(folder: string): { TMPDIR?: string } {
  return process.platform === 'linux' ? { TMPDIR: folder } : {};
}

export async function removeTemporaryProfile(folder: string): Promise<void> {
  await clearSingletonLock(path.join(folder, PROFILE));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(tmpdir(), name);
    const owner = await readOwner(folder);
    // No owner to be read: another program's folder, or one that is being made just now.
    if (owner === null || (await isRunning(owner))) continue;
    await removeTemporaryProfile(folder).catch(() => undefined);
  }
}

async function readOwner(folder: string): Promise<ProcessIdentity | null> {
  try {
    return JSON.parse(await readFile(path.join(folder, OWNER), 'utf8')) as ProcessIdentity | null;
  } catch {
    return null;
  }
}
