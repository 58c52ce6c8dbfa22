import type { ObjectStore } from '../../objects/object-store.js';
import { Worker } from './worker.js';

/** A share in this process's worker. */
export interface WorkerShare {
  readonly worker: Worker;
  /** Gives it back; with the last share the worker leaves. May be called again. */
  leave(): Promise<void>;
}

interface SharedWorker {
  started: Promise<Worker>;
  shares: number;
}

/**
 * A process is one worker for all its sessions in one store, so that a hundred of them cost one
 * small write per period. Known by the store object, and gone with it.
 */
const workers = new WeakMap<ObjectStore, Map<number, SharedWorker>>();

/** @throws the store's errors */
export async function joinWorker(store: ObjectStore, termMs: number): Promise<WorkerShare> {
  const ofStore = workers.get(store) ?? new Map<number, SharedWorker>();
  workers.set(store, ofStore);
  const shared = ofStore.get(termMs) ?? { started: Worker.start(store, termMs), shares: 0 };
  ofStore.set(termMs, shared);
  const forget = () => {
    if (ofStore.get(termMs) === shared) ofStore.delete(termMs);
  };
  shared.shares++;
  let worker: Worker;
  try {
    worker = await shared.started;
  } catch (error) {
    forget();
    throw error;
  }
  if (worker.isDead) {
    forget();
    return joinWorker(store, termMs);
  }
  let left: Promise<void> | undefined;
  const leave = async () => {
    shared.shares--;
    if (shared.shares > 0) return;
    forget();
    await worker.leave();
  };
  return { worker, leave: () => (left ??= leave()) };
}
