import { type BlobReader, isDamage } from './blob-reader.js';
import type { BlobRef, FileEntry, Manifest } from './manifest.js';
import type { PackWriter } from './pack-writer.js';

export interface MovedChunks {
  /** Names the new places. */
  manifest: Manifest;
  /** Chunks that could not be moved, as they do not open any more. */
  damaged: BlobRef[];
}

/** Writes chunks of a snapshot that are in the store once more. */
export async function moveChunks(
  chunks: readonly BlobRef[],
  manifest: Manifest,
  reader: BlobReader,
  packs: PackWriter,
): Promise<MovedChunks> {
  const moved = new Map<string, BlobRef>();
  const damaged: BlobRef[] = [];
  for (const ref of chunks) {
    const content = await readSound(ref, reader);
    if (content === null) damaged.push(ref);
    else moved.set(ref.id, await packs.addChunk(content, ref.id, true));
  }
  return { manifest: moved.size === 0 ? manifest : withMoved(manifest, moved), damaged };
}

/** Null: the save must not fail for it; what it was is most likely on the disk and sent anew. */
async function readSound(ref: BlobRef, reader: BlobReader): Promise<Uint8Array | null> {
  try {
    return await reader.read(ref);
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}

function withMoved(manifest: Manifest, moved: ReadonlyMap<string, BlobRef>): Manifest {
  const replace = (chunks: readonly BlobRef[]) =>
    chunks.some(({ id }) => moved.has(id)) ? chunks.map((ref) => moved.get(ref.id) ?? ref) : chunks;
  const files = new Map<string, FileEntry>();
  for (const [path, entry] of manifest.files) {
    const chunks = replace(entry.chunks);
    files.set(path, chunks === entry.chunks ? entry : { ...entry, chunks });
  }
  return { ...manifest, files, live: { ...manifest.live, chunks: replace(manifest.live.chunks) } };
}
