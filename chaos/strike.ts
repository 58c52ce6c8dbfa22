import { setTimeout as sleep } from 'node:timers/promises';
import type { Blow, Moment } from './plan.js';
import type { Strike } from './result.js';
import type { WorkerProcess } from './worker-process.js';

/** A request that does not come is not waited for longer. */
const HALT_PATIENCE_MS = 6000;
/** In lease terms: so long that whoever waits has taken over. */
const LONG = 1.75;
const EXIT_PATIENCE_MS = 60_000;

/**
 * Waits for the moment and strikes. Resolves when the worker has ended, or goes on after a stop.
 *
 * @param isArmed the worker was told the request at its start
 */
export async function strike(
  worker: WorkerProcess,
  { afterMs, halt }: Moment,
  blow: Blow,
  leaseTermMs: number,
  isArmed = false,
): Promise<Strike & { problem: string | null }> {
  const halts = worker.of('halted').length;
  if (halt === null) await sleep(afterMs);
  else {
    if (!isArmed) worker.haltAt(halt);
    await worker.until(() => worker.of('halted').length > (isArmed ? 0 : halts), HALT_PATIENCE_MS);
  }
  const isHalted = worker.of('halted').length > (isArmed ? 0 : halts);
  const fallen = {
    at: Date.now(),
    blow,
    wasSaving: worker.has('saved'),
    request: halt && isHalted ? `${halt.when} ${halt.kind}` : null,
  };
  const hasEnded = await fall(worker, blow, leaseTermMs);
  const problem = hasEnded ? null : 'the worker does not end after its browser was killed';
  return { ...fallen, problem };
}

async function fall(worker: WorkerProcess, blow: Blow, leaseTermMs: number): Promise<boolean> {
  if (blow === 'short-stop' || blow === 'long-stop') {
    worker.findBrowsers();
    worker.signal('SIGSTOP');
    await sleep(blow === 'short-stop' ? leaseTermMs / 4 : leaseTermMs * LONG);
    worker.signal('SIGCONT');
    worker.goOn();
    return true;
  }
  if (blow === 'cut-off') {
    worker.setStore({ isAway: true, faults: null });
    worker.goOn();
    await sleep(leaseTermMs * LONG);
    worker.setStore({ isAway: false, faults: null });
    return true;
  }
  if (blow === 'browser' && worker.findBrowsers().size > 0) {
    worker.killBrowser();
    worker.goOn();
    const hasEnded = await worker.until(() => worker.hasExited, EXIT_PATIENCE_MS);
    if (hasEnded || worker.hasExited) return true;
    worker.killAll();
    await worker.exited;
    return false;
  }
  if (blow !== 'node') worker.killBrowser();
  worker.killNode();
  await worker.exited;
  return true;
}
