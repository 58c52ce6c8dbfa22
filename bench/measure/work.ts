import { memoryNow, peakMemory, resetPeakMemory } from './process-status.js';

/** What one piece of work cost. Null: not told by this system, or has no meaning for this peer. */
export interface Cost {
  wallMs: number;
  /** User and system, of all its threads and children. */
  cpuSeconds: number | null;
  /** Most memory in RAM, above that of the idle process if it is one that stays. */
  memoryBytes: number | null;
}

const idleMemory = { bytes: 0 };

/** Says that this process has loaded everything and now idles. */
export function nowIdle(): void {
  idleMemory.bytes = memoryNow();
}

/** Measures work done in this process. */
export async function measureWork<T>(work: () => Promise<T>): Promise<{ cost: Cost; result: T }> {
  resetPeakMemory();
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const result = await work();
  const wallMs = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  const peak = peakMemory() ?? process.resourceUsage().maxRSS * 1024;
  const memoryBytes = Math.max(0, peak - idleMemory.bytes);
  return { cost: { wallMs, cpuSeconds: (user + system) / 1e6, memoryBytes }, result };
}
