import { readlink, rm, rmdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

// chrome/browser/process_singleton_posix.cc: a symbolic link whose target is `<host name>-<pid>`.
const LOCK = 'SingletonLock';
const COOKIE = 'SingletonCookie';
// A link to a socket in a folder of its own, since a socket's path must be short.
const SOCKET = 'SingletonSocket';
const SOCKET_FOLDER = /^\.?(org\.chromium\.Chromium|com\.google\.Chrome|com\.microsoft\.Edge)\./;

/** The pid that Chromium's lock on a profile names, or null when no process of this host holds it. */
export async function readSingletonLock(userDataDir: string): Promise<number | null> {
  const target = await readlink(path.join(userDataDir, LOCK)).catch(() => null);
  const [, host, pid] = /^(.*)-(\d+)$/.exec(target ?? '') ?? [];
  return host === hostname() ? Number(pid) : null;
}

/**
 * Removes Chromium's lock. Chromium itself does so for a dead process of this host, but refuses to
 * start on a lock of another host, such as the container that ran here before. What a killed
 * browser left of the lock in the temporary folder goes as well.
 */
export async function clearSingletonLock(userDataDir: string): Promise<void> {
  const socket = await readlink(path.join(userDataDir, SOCKET)).catch(() => null);
  if (socket !== null && SOCKET_FOLDER.test(path.basename(path.dirname(socket)))) {
    await removeSocketFolder(path.dirname(socket)).catch(() => undefined);
  }
  for (const name of [LOCK, COOKIE, SOCKET])
    await rm(path.join(userDataDir, name), { force: true });
}

async function removeSocketFolder(folder: string): Promise<void> {
  for (const name of [COOKIE, SOCKET]) await rm(path.join(folder, name), { force: true });
  await rmdir(folder);
}
