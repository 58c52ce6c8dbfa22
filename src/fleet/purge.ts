import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeSessionFolder } from '../auth/session-folder.js';
import { sessionName } from '../auth/session-name.js';
import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { removeSession } from '../snapshot/remove-session.js';
import { historyKey } from './session/history.js';

export interface PurgeOptions {
  store: ObjectStore;
  dataPath: string;
  id: string;
  /** This process's worker. */
  worker: string;
  /** Whether a worker says that it holds it still. */
  isHeld(): boolean;
}

/** Its holder hears of it within a look, saves it, and closes it. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;
const FOLDER_RETRIES = 4;

/**
 * Deletes everything of a session once nobody holds it.
 *
 * @throws {HoldfastError} LEASE_HELD when somebody goes on holding it, and the store's errors
 */
export async function purgeSession(options: PurgeOptions): Promise<void> {
  const { store, dataPath, id, worker, isHeld } = options;
  const session = sessionName(id);
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const isLast = performance.now() > giveUpAt;
    if (!isHeld() || isLast) {
      try {
        await removeSession(store, session, { worker });
        break;
      } catch (error) {
        const code = error instanceof HoldfastError ? error.code : '';
        // It was never saved.
        if (code === 'SESSION_NOT_FOUND') break;
        if (isLast || !['LEASE_HELD', 'SESSION_TAKEN'].includes(code)) throw error;
      }
    }
    await sleep(PAUSE_MS);
  }
  await store.delete([historyKey(id)]);
  await removeSessionFolder(path.join(dataPath, session), FOLDER_RETRIES);
}
