import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses } from '../processes.js';
import { checkOrphans, checkStore } from '../store-check.js';
import type { FleetWorld } from './fleet-world.js';

/** Browsers whose node process is gone flush and end by themselves, several at once. */
const PATIENCE_MS = 20_000;

/** Processes of workers that are gone, and once no worker is left their temporary files too. */
export async function findFleetLeftovers(world: FleetWorld): Promise<string[]> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const left = [...processesLeft(world), ...filesLeft(world)];
    if (left.length === 0 || Date.now() > giveUpAt) return left;
    await sleep(100);
  }
}

/** What the store has too much, or too little, of when no worker is left. */
export async function checkFleetStore(world: FleetWorld): Promise<string[]> {
  const findings: string[] = [];
  for (const [index, session] of world.sessions.entries()) {
    const kept = { store: world.store, folder: world.folder, session };
    const { holes, leftovers } = await checkStore(kept, index === 0);
    findings.push(...[...holes, ...leftovers, ...(await checkOrphans(kept))].map(of(session.id)));
  }
  return findings;
}

function of(session: string): (finding: string) => string {
  return (finding) => `${session}: ${finding}`;
}

function processesLeft({ workers, folder }: FleetWorld): string[] {
  const alive = workers.filter(({ hasExited }) => !hasExited);
  const pids = new Set(alive.map(({ pid }) => pid));
  const allowed = new Set(alive.flatMap((worker) => [...worker.findBrowsers()]));
  const known = new Set(workers.flatMap(({ browsers }) => [...browsers]));
  return listProcesses()
    .filter(({ group, command }) => known.has(group) || command.includes(folder))
    .filter(({ pid, group, parent }) => {
      return !allowed.has(group) && !pids.has(pid) && !pids.has(parent);
    })
    .map(({ pid, command }) => `process ${pid}: ${command.slice(0, 120)}`);
}

function filesLeft({ workers, sessions, folder }: FleetWorld): string[] {
  if (workers.some(({ hasExited }) => !hasExited)) return [];
  const names = new Set(sessions.map(({ name }) => name));
  return entries(folder)
    .filter((disk) => path.basename(disk).startsWith('disk-'))
    .flatMap((disk) => [
      ...entries(path.join(disk, 'tmp')),
      ...entries(path.join(disk, 'data')).filter((entry) => !names.has(path.basename(entry))),
    ]);
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
