import { HoldfastError } from '../errors.js';
import { BlobReader, isDamage } from './blob-reader.js';
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
import { readDataKey } from './key-cell.js';
import { type BlobRef, chunksOf, sizeOf } from './manifest.js';
import { type SessionLocation, sessionNotFound } from './open-session.js';
import { PACK_TRAILER_BYTES, readTrailer } from './pack-layout.js';
import { listPackSizes, requireRefs } from './pack-sizes.js';
import { readManifest } from './read-manifest.js';
import { DEFAULT_RETENTION } from './retention.js';
import { createSealer, type Sealer } from './sealer.js';

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
 * snapshots whose packs are all there are taken.
 *
 * @throws {HoldfastError} SESSION_NOT_FOUND, SNAPSHOT_NOT_FOUND when no snapshot can be used,
 *   SESSION_EXISTS when the head is whole, KEY_MISSING, KEY_LOST, KEY_WRONG, KEY_DAMAGED, and the
 *   store's errors
 */
export async function repairSession(location: SessionLocation): Promise<RepairedSession> {
  const { store, session } = location;
  const before = await store.readCell(headKey(session));
  const sizes = await listPackSizes(store, session);
  if (sizes.size === 0) throw sessionNotFound(session);
  const reader = new BlobReader(store, session, await sealerFor(location));
  const found: RepairedSession = {
    session,
    generation: 1,
    snapshots: [],
    unusable: [],
  };
  const numbers = [...sizes.keys()].map((name) => parsePackName(name) as PackNumbers);
  for (const each of numbers.sort(comparePacks).reverse()) {
    found.generation = Math.max(found.generation, each.generation + 1);
    if (found.snapshots.length === DEFAULT_RETENTION.snapshots) continue;
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
    sequence: Math.max(...numbers.map(({ sequence }) => sequence)),
    state: 'linked',
    isSealed: reader.sealer.isSealed,
    nonce: newNonce(),
    owner: null,
    snapshots: found.snapshots,
  };
  const value = encodeHead(head, (text) => reader.sealer.tagOf(text));
  await store.swapCell(headKey(session), value, before?.version ?? null);
  return found;
}

/** The head would say whether the session is sealed; the key that lies beside it says so too. */
async function sealerFor({ store, session, encryptionKey }: SessionLocation): Promise<Sealer> {
  const key = await store.readCell(keyKey(session));
  const hasKey = key !== null && key.value.length > 0;
  if (encryptionKey === undefined && hasKey) {
    throw new HoldfastError(
      'KEY_MISSING',
      `The session ${session} is sealed: give the key that it was saved with.`,
    );
  }
  if (encryptionKey === undefined) return createSealer(null, session);
  return createSealer(await readDataKey(store, session, encryptionKey), session);
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
    const refs = [...chunksOf(stored.manifest), ...(stored.base ? [stored.base] : [])];
    requireRefs(refs, sizes, reader.session);
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
  size: number,
  { store, session }: BlobReader,
): Promise<BlobRef | null> {
  const bytes = await store.get(packKey(session, pack), {
    start: Math.max(0, size - PACK_TRAILER_BYTES),
    end: size,
  });
  const ref = bytes && readTrailer(bytes, pack);
  if (ref === null || ref === undefined) return null;
  return ref.offset + ref.stored + PACK_TRAILER_BYTES <= size ? ref : null;
}
