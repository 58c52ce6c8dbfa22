import { load } from '../bench/built.js';
import type * as Engine from '../src/engine.js';
import type { ObjectStore } from '../src/objects/object-store.js';
import type * as OpenSession from '../src/snapshot/open-session.js';

const engine = load<typeof Engine>('engine.js');
const { readHead } = load<typeof OpenSession>('snapshot/open-session.js');

/** Of all workers. */
export const encryptionKey = Buffer.alloc(32, 7);
/** What retention allows: a part of twice the profile, or of a small budget. */
const LEAST_ALLOWED_BYTES = (4 * 1024 * 1024) / 20;
const ALLOWED_SHARE = 2 / 20;

/** A session in a store. */
export interface KeptSession {
  store: ObjectStore;
  session: { name: string };
  /** For temporary files. */
  folder: string;
}

export interface StoreFindings {
  holes: string[];
  leftovers: string[];
}

/**
 * Looks at the store when nobody uses the session.
 *
 * @param isSwept a worker has started since the last blow, and the store has answered it: what others
 *   have left is gone
 */
export async function checkStore(kept: KeptSession, isSwept: boolean): Promise<StoreFindings> {
  const { store, session, folder } = kept;
  const findings: StoreFindings = { holes: [], leftovers: [] };
  const head = (await readHead(store, session.name))?.decoded.head;
  if (head === undefined || head.snapshots.length === 0) return findings;
  if (head.owner !== null) findings.leftovers.push(`the owner ${head.owner} of the session`);
  if (isSwept) {
    for await (const { key } of store.list('workers/')) findings.leftovers.push(key);
  }
  const location = { store, session: session.name, encryptionKey };
  const checked = await engine.checkSession({ ...location, deep: true, temporaryDir: folder });
  for (const { sequence, problem } of checked.snapshots) {
    if (problem !== null) findings.holes.push(`snapshot ${sequence}: ${problem.message}`);
  }
  const size = checked.snapshots[0]?.size ?? 0;
  const allowed = Math.max(LEAST_ALLOWED_BYTES, size * ALLOWED_SHARE);
  if (isSwept && checked.unneededBytes > allowed) {
    findings.leftovers.push(`${checked.unneededBytes} bytes in the store that nothing refers to`);
  }
  return findings;
}

/** The next holder has to find every orphan, of whatever crash: then there is none. */
export async function checkOrphans({ store, session }: KeptSession): Promise<string[]> {
  const location = { store, session: session.name, encryptionKey };
  const head = (await readHead(store, session.name))?.decoded.head;
  if (head?.state !== 'linked') return [];
  await engine.SessionWriter.open(location);
  const { unneededBytes } = await engine.checkSession(location);
  return unneededBytes === 0 ? [] : [`${unneededBytes} bytes of orphans that the next holder left`];
}

export async function removeFromStore({ store, session }: KeptSession): Promise<void> {
  if ((await readHead(store, session.name)) === null) return;
  await engine.removeSession(store, session.name);
}
