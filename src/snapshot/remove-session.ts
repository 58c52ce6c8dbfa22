import { HoldfastError } from '../errors.js';
import type { Cell, ObjectStore } from '../objects/object-store.js';
import { GENERATIONS_UNSEEN, takenMeanwhile } from './change-from-outside.js';
import { headKey, keyKey, packsPrefix, parsePackName } from './format.js';
import { encodeHead, type Head, newNonce } from './head.js';
import { generationOfKey } from './key-cell.js';
import { refuseIfHeld } from './lease/refuse-if-held.js';
import { readHead, sessionNotFound } from './open-session.js';
import { listPackSizes } from './pack-sizes.js';
import { createSealer } from './sealer.js';

export interface RemoveOptions {
  /** The generation of the writer that removes it; what a later one has saved stays. */
  generation?: number | undefined;
  /** The worker that removes it; what another one holds stays. */
  worker?: string | undefined;
}

/**
 * Removes a session and everything of it, and leaves a tombstone: a head without content, by which
 * nothing older that is found somewhere is taken for the session. whatsapp-web.js's own archives of it
 * go too. It takes no key. What a new link saves meanwhile stays.
 *
 * @throws {HoldfastError} SESSION_NOT_FOUND, LEASE_HELD, SESSION_TAKEN when somebody saves it just
 *   now, and the store's errors; then it may be repeated
 */
export async function removeSession(
  store: ObjectStore,
  session: string,
  options: RemoveOptions = {},
): Promise<void> {
  const found = await readHeadOrDamage(store, session);
  if (found === null && isEmpty(await store.readCell(keyKey(session)))) {
    const archive = await store.formerArchives?.find(session);
    if (!archive) throw sessionNotFound(session);
  }
  const head = found?.head ?? null;
  if (head && options.generation !== undefined && head.generation > options.generation) {
    // Unless it is the tombstone that an earlier call has left: then only the rest is to be done.
    if (head.state !== 'logged-out') throw takenBefore(session);
  }
  await refuseIfHeld(store, session, head, [options.worker ?? null]);
  const generation = await bury(store, session, found ?? { head: null, version: null });
  await emptyKey(store, session, generation);
  const prefix = packsPrefix(session);
  const packs: string[] = [];
  for await (const { key } of store.list(prefix)) {
    const pack = parsePackName(key.slice(prefix.length));
    if (pack === undefined || pack.generation <= generation) packs.push(key);
  }
  await store.delete(packs);
  await store.formerArchives?.delete(session);
}

function takenBefore(session: string): HoldfastError {
  return new HoldfastError(
    'SESSION_TAKEN',
    `Another process has taken the session ${session} since. What it has saved was not removed.`,
  );
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

/** @returns the generation of the tombstone */
async function bury(
  store: ObjectStore,
  session: string,
  { head, version }: { head: Head | null; version: string | null },
): Promise<number> {
  const tombstone: Head = {
    session,
    // Whoever saves it still has lost it by this, and finds out at its next commit.
    generation: head
      ? head.generation + 1
      : (await highestGeneration(store, session)) + GENERATIONS_UNSEEN,
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
    return tombstone.generation;
  } catch (error) {
    throw takenMeanwhile(error, session);
  }
}

async function highestGeneration(store: ObjectStore, session: string): Promise<number> {
  const key = await store.readCell(keyKey(session));
  let highest = isEmpty(key) ? 0 : keyGeneration(key.value, session);
  for (const pack of (await listPackSizes(store, session)).keys()) {
    highest = Math.max(highest, parsePackName(pack)?.generation ?? 0);
  }
  return highest;
}

/**
 * The data key goes first of the data: without it nothing of what is left can be read. One that a
 * new link has made since the tombstone stays.
 */
async function emptyKey(store: ObjectStore, session: string, generation: number): Promise<void> {
  const cell = await store.readCell(keyKey(session));
  if (isEmpty(cell) || keyGeneration(cell.value, session) > generation) return;
  try {
    await store.swapCell(keyKey(session), new Uint8Array(0), cell.version);
  } catch (error) {
    throw takenMeanwhile(error, session);
  }
}

function keyGeneration(value: Uint8Array, session: string): number {
  try {
    return generationOfKey(value, session);
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'KEY_DAMAGED') return 0;
    throw error;
  }
}

function isEmpty(cell: Cell | null): cell is null {
  return cell === null || cell.value.length === 0;
}
