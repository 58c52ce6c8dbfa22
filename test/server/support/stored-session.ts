import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ObjectStore } from '../../../src/objects/object-store.js';
import { importArchive } from '../../../src/snapshot/archive/import-archive.js';
import { writeSession } from '../../support/session-archive.js';

/** Stores one snapshot of a small session. */
export async function storeSession(store: ObjectStore, session: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'test-server-session-'));
  try {
    const zipFile = path.join(folder, 'session.zip');
    await writeSession(zipFile);
    await importArchive({ store, session, zipFile });
  } finally {
    await rm(folder, { recursive: true });
  }
}
