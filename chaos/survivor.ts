import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerProcess } from './worker-process.js';
import type { World } from './world.js';

const PATIENCE_MS = 120_000;
const LOOK_MS = 20;

export interface Candidate {
  worker: WorkerProcess;
  /** It went on at this time after it had been stopped; what it said before is of no account. */
  resumedAt: number | null;
}

/**
 * Waits until one of the workers has the session again: it is ready, the device acknowledges what
 * it gets, and a save of that is in the store. Null: a code was asked for, or it takes too long.
 */
export async function awaitSurvivor(
  { session }: World,
  candidates: readonly Candidate[],
): Promise<WorkerProcess | null> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  const before = { device: session.device, acked: session.device?.acked ?? 0 };
  const hasProgress = () => {
    const { device } = session;
    if (device === null || device.connections === 0) return false;
    return device !== before.device || device.acked > before.acked;
  };
  while (Date.now() < giveUpAt && !session.wasAskedInVain) {
    for (const { worker, resumedAt } of candidates) {
      const since = resumedAt ?? worker.of('ready')[0]?.at ?? Number.POSITIVE_INFINITY;
      const isHolding = !worker.hasExited && !worker.has('disconnected') && worker.has('ready');
      const isDurable = worker.of('saved').some(({ at }) => at >= since);
      if (isHolding && isDurable && hasProgress()) return worker;
    }
    if (candidates.every(({ worker }) => worker.hasExited)) return null;
    await sleep(LOOK_MS);
  }
  return null;
}
