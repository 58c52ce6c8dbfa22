import { setTimeout as pause } from 'node:timers/promises';
import type { ProfileSaver } from '../../src/engine.js';

const EVERY_MS = 1000;

export interface SteadySaves {
  saves: number;
  /** Times there was nothing to save. */
  nothingNew: number;
  failures: string[];
  saveMs: number[];
  cpuSeconds: number;
  bytesSent: number;
}

/** Saves each second, or at once when a save has taken longer; never two at a time. Null: not. */
export async function saveEverySecond(
  saver: ProfileSaver | null,
  seconds: number,
): Promise<SteadySaves> {
  const saves: SteadySaves = {
    saves: 0,
    nothingNew: 0,
    failures: [],
    saveMs: [],
    cpuSeconds: 0,
    bytesSent: 0,
  };
  const cpuBefore = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  for (let next = performance.now() + EVERY_MS; next < end; next += EVERY_MS) {
    await pause(Math.max(0, next - performance.now()));
    if (!saver) continue;
    const before = performance.now();
    try {
      if (await saver.save()) saves.saves++;
      else saves.nothingNew++;
    } catch (error) {
      saves.failures.push(error instanceof Error ? error.message : String(error));
    }
    saves.saveMs.push(performance.now() - before);
    next = Math.max(next, performance.now() - EVERY_MS);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ...saves, cpuSeconds: (user + system) / 1e6 };
}
