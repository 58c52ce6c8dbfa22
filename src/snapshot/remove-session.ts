import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { headKey, keyKey, packsPrefix } from './format.js';
import { encodeHead, type Head, newNonce } from './head.js';
import { readHead, sessionNotFound } from './open-session.js';
import { createSealer } from './sealer.js';

/**
 * Removes a session and everything of it, and leaves a tombstone: a head without content, by which
 * nothing older that is found somewhere is taken for the session. It takes no key.
 *
 * @throws {HoldfastError} SESSION_NOT_FOUND, SESSION_TAKEN when somebody saves it just now, and the
 *   store's errors; then it may be repeated
 */
export async function removeSession(store: ObjectStore, session: string): Promise<void> {
  const found = await readHeadOrDamage(store, session);
  if (found === null) throw sessionNotFound(session);
  if (found.head?.state !== 'logged-out') await bury(store, session, found);
  await emptyKey(store, session);
  const packs: string[] = [];
  for await (const { key } of store.list(packsPrefix(session))) packs.push(key);
  await store.delete(packs);
}

/** A head that cannot be read does not keep a session from being removed. */
async function readHeadOrDamage(
  store: ObjectStore,
  session: string,
): Promise<{ head: Head | null; version: string | null } | null> {
  try {
    const found = await readHead(store, session);
    return found && { head: found.decoded.head, version: found.version };
  } catch (error) {
    if (!(error instanceof HoldfastError) || !/^HEAD_/.test(error.code)) throw error;
    const cell = await store.readCell(headKey(session));
    return { head: null, version: cell?.version ?? null };
  }
}

async function bury(
  store: ObjectStore,
  session: string,
  { head, version }: { head: Head | null; version: string | null },
): Promise<void> {
  const tombstone: Head = {
    session,
    // Whoever saves it still has lost it by this, and finds out at its next commit.
    generation: (head?.generation ?? (await highestGeneration(store, session))) + 1,
    sequence: head?.sequence ?? 0,
    state: 'logged-out',
    isSealed: false,
    nonce: newNonce(),
    owner: null,
    snapshots: [],
  };
  const sealer = createSealer(null, session);
  const value = encodeHead(tombstone, (text) => sealer.tagOf(text));
  try {
    await store.swapCell(headKey(session), value, version);
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'CELL_CONFLICT') throw error;
    throw new HoldfastError(
      'SESSION_TAKEN',
      `The session ${session} is being saved by another process. End that first, or try again.`,
      { cause: error, transient: true },
    );
  }
}

async function highestGeneration(store: ObjectStore, session: string): Promise<number> {
  let highest = 0;
  const prefix = packsPrefix(session);
  for await (const { key } of store.list(prefix)) {
    highest = Math.max(highest, Number.parseInt(key.slice(prefix.length), 10) || 0);
  }
  return highest;
}

/** The data key goes first of the data: without it nothing of what is left can be read. */
async function emptyKey(store: ObjectStore, session: string): Promise<void> {
  const cell = await store.readCell(keyKey(session));
  if (cell === null || cell.value.length === 0) return;
  await store.swapCell(keyKey(session), new Uint8Array(0), cell.version);
}
