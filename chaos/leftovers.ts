import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryOf } from './chaos-session.js';
import { listProcesses } from './processes.js';
import type { World } from './world.js';

/** A browser whose node process is gone flushes and ends by itself. */
const PATIENCE_MS = 10_000;

/** Processes and temporary files of workers that are gone. */
export async function findLeftovers(world: World): Promise<string[]> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const left = [...processesLeft(world), ...filesLeft(world)];
    if (left.length === 0 || Date.now() > giveUpAt) return left;
    await sleep(100);
  }
}

function processesLeft({ workers, folder }: World): string[] {
  const alive = workers.filter((worker) => !worker.hasExited);
  const allowed = new Set(alive.flatMap((worker) => [...worker.findBrowsers()]));
  const known = new Set(workers.flatMap((worker) => [...worker.browsers]));
  return listProcesses()
    .filter(({ group, command }) => known.has(group) || command.includes(folder))
    .filter(({ pid, group }) => !allowed.has(group) && !alive.some((each) => each.pid === pid))
    .map(({ pid, command }) => `process ${pid}: ${command.slice(0, 120)}`);
}

function filesLeft({ workers, living, place, options, session }: World): string[] {
  const left: string[] = [];
  // A browser that runs has its own temporary files.
  if (living === null) left.push(...entries(temporaryOf(session.dataPath)));
  for (const entry of entries(session.dataPath)) {
    if (path.basename(entry) !== session.name) left.push(entry);
  }
  if (options.store === null) {
    const pids = workers.filter((worker) => worker.hasExited).map(({ pid }) => String(pid));
    for (const entry of entries(path.join(place.url.slice('file:'.length), 'temporary'))) {
      if (pids.includes(path.basename(entry).split('.')[1] ?? '')) left.push(entry);
    }
  }
  return left;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
