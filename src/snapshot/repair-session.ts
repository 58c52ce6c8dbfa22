import { HoldfastError } from '../errors.js';
import { BlobReader, isDamage } from './blob-reader.js';
import { GENERATIONS_UNSEEN, takenMeanwhile } from './change-from-outside.js';
import {
  comparePacks,
  headKey,
  keyKey,
  type PackNumbers,
  packKey,
  packName,
  parsePackName,
} from './format.js';
import { encodeHead, type Head, newNonce, type SnapshotInfo } from './head.js';
import { type BlobRef, sizeOf } from './manifest.js';
import { openSealer, openSession, type SessionLocation, sessionNotFound } from './open-session.js';
import { PACK_HEADER_BYTES, PACK_TRAILER_BYTES, readTrailer, saysSealed } from './pack-layout.js';
import { listPackSizes, requireRefs } from './pack-sizes.js';
import { readManifest } from './read-manifest.js';
import { DEFAULT_RETENTION, refsOf } from './retention.js';
import type { Sealer } from './sealer.js';
import { checkSessionName } from './session-name.js';

/** What a repair has found. */
export interface RepairedSession {
  session: string;
  generation: number;
  /** The snapshots the new head lists, oldest first. */
  snapshots: SnapshotInfo[];
  /** Manifests that were found but cannot be used, and why. */
  unusable: { pack: string; error: HoldfastError }[];
}

/**
 * Makes a lost or damaged head anew from the packs, each of which says where its manifest is. Only
 * snapshots whose packs are all there are taken. A head that leads to its newest snapshot is left
 * alone; one that was logged out stays so.
 *
 * @throws {HoldfastError} SESSION_NOT_FOUND, SNAPSHOT_NOT_FOUND when no snapshot can be used,
 *   SESSION_EXISTS when the head is whole, SESSION_LOGGED_OUT, SESSION_TAKEN when somebody writes it
 *   just now, KEY_MISSING, KEY_LOST, KEY_WRONG, KEY_DAMAGED, SESSION_NOT_SEALED,
 *   FORMAT_UNSUPPORTED, and the store's errors
 */
export async function repairSession(location: SessionLocation): Promise<RepairedSession> {
  const { store, session } = location;
  checkSessionName(session);
  const before = await store.readCell(headKey(session));
  const broken = before && (await openBroken(location));
  const sizes = await listPackSizes(store, session);
  if (sizes.size === 0) throw sessionNotFound(session);
  const numbers = [...sizes.keys()].map((name) => parsePackName(name) as PackNumbers);
  const newestFirst = numbers.sort(comparePacks).reverse();
  const sealer = await sealerFor(location, newestFirst.map(packName));
  const reader = new BlobReader(store, session, sealer);
  const highest = Math.max(newestFirst[0]?.generation ?? 0, broken?.generation ?? 0);
  const found: RepairedSession = {
    session,
    generation: highest + GENERATIONS_UNSEEN,
    snapshots: [],
    unusable: [],
  };
  for (const each of newestFirst) {
    if (found.snapshots.length === DEFAULT_RETENTION.snapshots) break;
    await lookInto(packName(each), sizes, reader, found);
  }
  if (found.snapshots.length === 0) {
    throw new HoldfastError(
      'SNAPSHOT_NOT_FOUND',
      `The session ${session} has ${sizes.size} packs in the store, but no snapshot in them is ` +
        `whole${found.unusable[0] ? `: ${found.unusable[0].error.message}` : '.'}`,
    );
  }
  const head: Head = {
    session,
    generation: found.generation,
    sequence: Math.max(broken?.sequence ?? 0, ...numbers.map(({ sequence }) => sequence)),
    state: broken?.state ?? 'linked',
    isSealed: reader.sealer.isSealed,
    nonce: newNonce(),
    owner: null,
    snapshots: found.snapshots,
  };
  const value = encodeHead(head, (text) => reader.sealer.tagOf(text));
  try {
    await store.swapCell(headKey(session), value, before?.version ?? null);
  } catch (error) {
    throw takenMeanwhile(error, session);
  }
  return found;
}

/**
 * The head, if it can be read and proven but does not lead to its newest snapshot; null when it
 * cannot be read.
 */
async function openBroken(location: SessionLocation): Promise<Head | null> {
  let head: Head | null = null;
  try {
    const opened = await openSession(location);
    head = opened.head;
    const newest = head.snapshots.at(-1);
    if (newest) await readManifest(opened.reader, newest.manifest);
  } catch (error) {
    if (isDamage(error)) return head;
    if (error instanceof HoldfastError && /^HEAD_/.test(error.code)) return null;
    throw error;
  }
  throw new HoldfastError(
    'SESSION_EXISTS',
    `The head of the session ${location.session} is whole and leads to its newest snapshot: there is ` +
      'nothing to repair. (`holdfast check` tells how its snapshots are.)',
  );
}

/** The head would say whether the session is sealed; the newest pack says so too. */
async function sealerFor(location: SessionLocation, packs: readonly string[]): Promise<Sealer> {
  const { store, session, encryptionKey } = location;
  const key = await store.readCell(keyKey(session));
  // With a key at hand a pack that says it is plain is not believed.
  if (encryptionKey !== undefined && key !== null && key.value.length > 0) {
    return openSealer(location, { isSealed: true });
  }
  for (const pack of packs) {
    const range = { start: 0, end: PACK_HEADER_BYTES };
    const isSealed = saysSealed((await store.get(packKey(session, pack), range)) ?? []);
    if (isSealed !== undefined) return openSealer(location, { isSealed });
  }
  return openSealer(location, { isSealed: key !== null && key.value.length > 0 });
}

async function lookInto(
  pack: string,
  sizes: ReadonlyMap<string, number>,
  reader: BlobReader,
  found: RepairedSession,
): Promise<void> {
  try {
    const ref = await findManifest(pack, sizes.get(pack) ?? 0, reader);
    if (ref === null) return;
    const stored = await readManifest(reader, ref);
    requireRefs(refsOf(stored), sizes, reader.session);
    const { generation, sequence, savedAt, browserVersion } = stored.manifest;
    const size = sizeOf(stored.manifest);
    found.snapshots.unshift({ generation, sequence, savedAt, size, browserVersion, manifest: ref });
  } catch (error) {
    if (!isDamage(error)) throw error;
    found.unusable.push({ pack, error: error as HoldfastError });
  }
}

async function findManifest(
  pack: string,
  listedSize: number,
  { store, session }: BlobReader,
): Promise<BlobRef | null> {
  const key = packKey(session, pack);
  const start = Math.max(0, listedSize - PACK_TRAILER_BYTES);
  let size = listedSize;
  let ref = readTrailer((await store.get(key, { start, end: listedSize })) ?? [], pack);
  if (ref === undefined) {
    // A listed size may have the backend's own bytes in it; the trailer is at the end of ours.
    const whole = (await store.get(key)) ?? new Uint8Array(0);
    size = whole.length;
    ref = readTrailer(whole.subarray(-PACK_TRAILER_BYTES), pack);
  }
  if (ref === null || ref === undefined) return null;
  return ref.offset + ref.stored + PACK_TRAILER_BYTES <= size ? ref : null;
}
