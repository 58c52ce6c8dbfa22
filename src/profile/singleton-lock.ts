import { readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

// chrome/browser/process_singleton_posix.cc: a symbolic link whose target is `<host name>-<pid>`.
const LOCK = 'SingletonLock';
const LOCK_FILES = [LOCK, 'SingletonCookie', 'SingletonSocket'];

/** The pid that Chromium's lock on a profile names, or null when no process of this host holds it. */
export async function readSingletonLock(userDataDir: string): Promise<number | null> {
  const target = await readlink(path.join(userDataDir, LOCK)).catch(() => null);
  const [, host, pid] = /^(.*)-(\d+)$/.exec(target ?? '') ?? [];
  return host === hostname() ? Number(pid) : null;
}

/**
 * Removes Chromium's lock. Chromium itself does so for a dead process of this host, but refuses to
 * start on a lock of another host, such as the container that ran here before.
 */
export async function clearSingletonLock(userDataDir: string): Promise<void> {
  for (const name of LOCK_FILES) await rm(path.join(userDataDir, name), { force: true });
}
