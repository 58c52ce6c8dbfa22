import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { FormatError, UnknownFormat } from '../decode.js';
import { decodeWorkerCell, type WorkerCell, workerKey } from './worker-cell.js';

export interface FoundWorker {
  cell: WorkerCell;
  version: string;
}

/**
 * Null when the worker is gone for good.
 *
 * @throws {HoldfastError} FORMAT_UNSUPPORTED, LEASE_DAMAGED, and the store's errors
 */
export async function readWorker(
  store: ObjectStore,
  worker: string,
  signal?: AbortSignal,
): Promise<FoundWorker | null> {
  const found = await store.readCell(workerKey(worker), signal);
  if (found === null) return null;
  try {
    const cell = decodeWorkerCell(found.value);
    return { cell, version: found.version };
  } catch (error) {
    if (error instanceof UnknownFormat) {
      throw new HoldfastError(
        'FORMAT_UNSUPPORTED',
        `The session is held by a worker, ${workerKey(worker)}, of another version of Holdfast. ` +
          'Use the same version, or end that worker first.',
      );
    }
    if (!(error instanceof FormatError)) throw error;
    throw new HoldfastError(
      'LEASE_DAMAGED',
      `In the store, ${workerKey(worker)}, by which a worker says that it lives, is damaged: ` +
        `${error.message}. If no worker of that name runs any more, delete it.`,
    );
  }
}
