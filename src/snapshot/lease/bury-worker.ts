import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { isSamePlace, placeOfThisProcess } from '../../system/process-place.js';
import { endProcess, isRunning, readCommandLine } from '../../system/processes.js';
import type { FoundWorker } from './read-worker.js';
import { encodeWorkerCell, type WorkerCell, workerKey } from './worker-cell.js';

/**
 * Whether the worker's process can be seen not to be there: it was in this very place, and no
 * process with its pid and its start is. Whatever is in doubt is no.
 */
export async function isSurelyGone({ place, process }: WorkerCell): Promise<boolean> {
  if (process.startTime === '' || !isSamePlace(place, await placeOfThisProcess())) return false;
  return !(await isRunning(process));
}

/** Ends the browsers that a worker of this place has left; they flush what they hold. */
export async function endBrowsersOf(cell: WorkerCell): Promise<void> {
  await Promise.all(
    cell.browsers.map(async (browser) => {
      // The cell comes from a store that others may write to.
      const command = await readCommandLine(browser.pid);
      if (!command?.some((argument) => argument.startsWith('--remote-debugging-'))) return;
      await endProcess(browser);
    }),
  );
}

/**
 * Declares a worker dead. The swap decides: a worker that has renewed its cell meanwhile lives, one
 * that renews it afterwards finds out that it does not.
 *
 * @returns whether it is dead now
 */
export async function buryWorker(store: ObjectStore, found: FoundWorker): Promise<boolean> {
  const { cell, version } = found;
  const key = workerKey(cell.worker);
  if (!cell.isDead) {
    try {
      await store.swapCell(key, encodeWorkerCell({ ...cell, isDead: true }), version);
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'CELL_CONFLICT') return false;
      throw error;
    }
  }
  await store.delete([key]);
  return true;
}
