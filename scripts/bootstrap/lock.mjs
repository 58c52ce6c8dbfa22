import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const renewMs = 500;
const abandonedMs = 5_000;

/** Runs `work` while no other bootstrap of this folder runs its own. */
export async function withLock(root, work) {
  const path = join(root, '.holdfast', 'bootstrap.lock');
  return await withLockFile(path, 'another bootstrap in this folder', work);
}

/**
 * Runs `work` while no other process runs its own under the same file. The holder keeps renewing its
 * lock file; one that has not been renewed for five seconds was left by a process that is gone.
 */
export async function withLockFile(path, otherHolder, work) {
  const holder = randomUUID();
  mkdirSync(dirname(path), { recursive: true });
  await acquire(path, holder, otherHolder);

  const renewal = setInterval(() => renew(path), renewMs);
  let interruption;
  const noteInterruption = (signal) => {
    interruption = signal;
  };
  process.once('SIGINT', noteInterruption).once('SIGTERM', noteInterruption);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    process.off('SIGINT', noteInterruption).off('SIGTERM', noteInterruption);
    if (readHolder(path) === holder) rmSync(path, { force: true });
    if (interruption) process.kill(process.pid, interruption);
  }
}

async function acquire(path, holder, otherHolder) {
  let told = false;
  let seen;
  for (;;) {
    if (tryCreate(path, holder)) return;
    const state = readState(path);
    if (state !== seen?.state) {
      seen = { state, since: performance.now() };
    } else if (state !== undefined && performance.now() - seen.since > abandonedMs) {
      rmSync(path, { force: true });
      continue;
    }
    if (!told) console.error(`Waiting for ${otherHolder} …`);
    told = true;
    await sleep(renewMs / 2);
  }
}

function tryCreate(path, holder) {
  try {
    writeFileSync(path, holder, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function renew(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** What changes with every renewal and every new holder; undefined when nobody holds the lock. */
function readState(path) {
  try {
    return `${readFileSync(path, 'utf8')} ${statSync(path).mtimeMs}`;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readHolder(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
