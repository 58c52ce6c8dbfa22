import path from 'node:path';
import { removeSessionFolder } from '../auth/session-folder.js';
import { sessionName } from '../auth/session-name.js';
import type { ObjectStore } from '../objects/object-store.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';
import { findSnapshot } from '../snapshot/find-snapshot.js';
import { takeSession } from '../snapshot/lease/take-session.js';
import type { Worker } from '../snapshot/lease/worker.js';
import { openSession } from '../snapshot/open-session.js';

export interface RollBackOptions {
  store: ObjectStore;
  encryptionKey: EncryptionKey | undefined;
  dataPath: string;
  id: string;
  worker: Worker;
  sequence: number;
  /** Does something while the session's browser is closed, and nobody holds the session. */
  whileClosed(work: () => Promise<void>): Promise<void>;
}

const FOLDER_RETRIES = 4;

/**
 * Makes an earlier snapshot of a session the newest one. One that is not there closes nothing.
 *
 * @throws {HoldfastError} SNAPSHOT_NOT_FOUND, LEASE_HELD, and those of `SessionWriter.rollBack`
 */
export async function rollBack(options: RollBackOptions): Promise<void> {
  const { store, encryptionKey, dataPath, id, worker, sequence, whileClosed } = options;
  const session = sessionName(id);
  const location = { store, session, encryptionKey };
  findSnapshot((await openSession(location)).head, sequence);
  await whileClosed(async () => {
    const writer = await takeSession({ ...location, worker, onLeaseHeld: 'fail' });
    try {
      await writer.rollBack(sequence);
    } finally {
      await writer.release();
    }
    // What lies on this disk is of later.
    await removeSessionFolder(path.join(dataPath, session), FOLDER_RETRIES);
  });
}
