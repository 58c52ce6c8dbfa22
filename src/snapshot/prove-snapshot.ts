import type { BlobReader } from './blob-reader.js';
import { type BlobRef, chunksOf, type StoredManifest } from './manifest.js';
import { readManifest } from './read-manifest.js';
import type { RestoreProgress } from './restore/fetch-chunks.js';
import { ReusableBuffer } from './reusable-buffer.js';

/**
 * Reads and proves everything of a snapshot.
 *
 * @throws {HoldfastError} OBJECT_MISSING, OBJECT_TRUNCATED, OBJECT_ALTERED, OBJECT_MISPLACED,
 *   FORMAT_UNSUPPORTED, and the store's errors
 */
export async function proveSnapshot(
  reader: BlobReader,
  manifest: BlobRef,
  onProgress: (progress: RestoreProgress) => void,
): Promise<StoredManifest> {
  const stored = await readManifest(reader, manifest);
  const packs = chunksByPack(chunksOf(stored.manifest));
  const memory = new ReusableBuffer();
  let total = 0;
  for (const chunks of packs.values()) for (const ref of chunks.values()) total += ref.stored;
  let done = 0;
  for (const [pack, chunks] of packs) {
    await reader.readMany(pack, [...chunks.values()], memory, async (ref) => {
      done += ref.stored;
      onProgress({ done, total });
    });
  }
  return stored;
}

/** Each once, by its pack and its place there. */
function chunksByPack(refs: Iterable<BlobRef>): Map<string, Map<number, BlobRef>> {
  const packs = new Map<string, Map<number, BlobRef>>();
  for (const ref of refs) {
    const chunks = packs.get(ref.pack) ?? new Map<number, BlobRef>();
    packs.set(ref.pack, chunks.set(ref.offset, ref));
  }
  return packs;
}
