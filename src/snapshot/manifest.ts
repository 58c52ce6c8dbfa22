/** Where a blob lies in the store, and what it is. */
export interface BlobRef {
  /** The pack's name. */
  pack: string;
  /** Of its first byte in the pack. */
  offset: number;
  /** Its length there, in bytes. */
  stored: number;
  /** The length of the content, in bytes. */
  length: number;
  /** Of the content, see Sealer.idOf. */
  id: string;
}

/** A file of a snapshot: its content is that of the chunks, one after the other. */
export interface FileEntry {
  size: number;
  chunks: readonly BlobRef[];
}

/** Everything that belongs to one snapshot. */
export interface Manifest {
  session: string;
  generation: number;
  sequence: number;
  /** ISO 8601, UTC. */
  savedAt: string;
  /** The version of the browser that wrote the profile; null if unknown. */
  browserVersion: string | null;
  /** `process.platform` of the machine it was saved on. */
  platform: string;
  live: ManifestLiveValues;
  /** What could not be captured and holds no login. */
  leftOut: readonly string[];
  /** By path relative to the user data dir, in the order of the paths. */
  files: ReadonlyMap<string, FileEntry>;
}

export interface ManifestLiveValues {
  state: 'included' | 'not-needed' | 'unavailable';
  /** Why they are unavailable. */
  reason: string | null;
  chunks: readonly BlobRef[];
}

/** A manifest in the store. */
export interface StoredManifest {
  ref: BlobRef;
  /** The manifest in full that this one changes; null when it is one in full itself. */
  base: ManifestBase | null;
  manifest: Manifest;
}

export interface ManifestBase {
  ref: BlobRef;
  files: ReadonlyMap<string, FileEntry>;
}

export function sizeOf(manifest: Manifest): number {
  let size = 0;
  for (const file of manifest.files.values()) size += file.size;
  return size;
}

/** Every chunk that the snapshot needs; some may come twice. */
export function* chunksOf(manifest: Manifest): Generator<BlobRef> {
  for (const { chunks } of manifest.files.values()) yield* chunks;
  yield* manifest.live.chunks;
}

/** Whether two snapshots have the same content, of which the files are the very same entries. */
export function saysTheSame(a: Manifest, b: Manifest): boolean {
  if (a.files.size !== b.files.size || a.leftOut.join() !== b.leftOut.join()) return false;
  for (const [path, entry] of b.files) if (a.files.get(path) !== entry) return false;
  return (
    a.live.state === b.live.state &&
    a.live.chunks.length === b.live.chunks.length &&
    a.live.chunks.every(({ id }, at) => id === b.live.chunks[at]?.id)
  );
}
