import { sessionName } from '../../auth/session-name.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { readHead } from '../../snapshot/open-session.js';
import type { SaveView } from '../session-view.js';

/**
 * The newest snapshot as the head tells of it, which is not what it cost to make.
 *
 * @throws those of `readHead`
 */
export async function readLastSave(store: ObjectStore, id: string): Promise<SaveView | null> {
  const found = await readHead(store, sessionName(id));
  const newest = found?.decoded.head.snapshots.at(-1);
  if (newest === undefined) return null;
  const { savedAt: at, sequence, size } = newest;
  return { at, sequence, size, bytesSent: 0, durationMs: 0 };
}
