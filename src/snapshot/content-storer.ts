import type { CapturedFile, CapturedLiveValues } from '../profile/capture/captured-profile.js';
import { type Fill, readCaptured } from '../profile/capture/read-captured.js';
import { cutEvenly, cutGrowth, type Piece } from './chunking.js';
import { encodeLiveValues } from './live-chunks.js';
import type { BlobRef, FileEntry, ManifestLiveValues } from './manifest.js';
import type { PackWriter } from './pack-writer.js';
import { ReusableBuffer } from './reusable-buffer.js';
import type { Sealer } from './sealer.js';

/** A file of the last snapshot, and by what it is recognised. */
export interface KnownFile {
  entry: FileEntry;
  /** Null when it has to be read to be compared. */
  stamp: string | null;
  identity: string | null;
}

/** In bytes of the profile. */
export interface SaveProgress {
  done: number;
  total: number;
}

/** Brings captured content into packs, as far as it is not in the store. */
export class ContentStorer {
  readonly #buffer = new ReusableBuffer();

  constructor(
    private readonly packs: PackWriter,
    private readonly sealer: Sealer,
    private readonly known: ReadonlyMap<string, KnownFile>,
    /** Chunks in the store, and those added meanwhile, by id. */
    private readonly stored: Map<string, BlobRef>,
  ) {}

  async storeFiles(
    captured: readonly CapturedFile[],
    onProgress: (progress: SaveProgress) => void,
  ): Promise<{ files: Map<string, FileEntry>; known: Map<string, KnownFile> }> {
    const files = new Map<string, FileEntry>();
    const known = new Map<string, KnownFile>();
    const total = captured.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    for (const file of captured) {
      onProgress({ done, total });
      done += file.size;
      const before = this.known.get(file.path);
      const isSame = before !== undefined && before.stamp !== null && before.stamp === file.stamp;
      const entry = isSame ? before.entry : await this.#storeIfThere(file, before);
      if (entry === null) continue;
      files.set(file.path, entry);
      known.set(file.path, { entry, stamp: file.stamp, identity: file.identity });
    }
    return { files, known };
  }

  async storeLiveValues(live: CapturedLiveValues): Promise<ManifestLiveValues> {
    if (live.state === 'unavailable') return { ...live, chunks: [] };
    if (live.state === 'not-needed') return { ...live, reason: null, chunks: [] };
    const chunks: BlobRef[] = [];
    for (const part of encodeLiveValues(live.values)) chunks.push(await this.#chunk(part, true));
    return { state: 'included', reason: null, chunks };
  }

  /** @throws {HoldfastError} CAPTURE_FAILED, and the store's errors */
  async #storeIfThere(
    file: CapturedFile,
    before: KnownFile | undefined,
  ): Promise<FileEntry | null> {
    const entry = await readCaptured(file, (fill) => this.#store(file, fill, before));
    return entry && sameOrNew(before?.entry, entry);
  }

  async #store(file: CapturedFile, fill: Fill, before: KnownFile | undefined): Promise<FileEntry> {
    const { size } = file;
    if (file.kind === 'growing' && before && (await this.#hasGrown(file, fill, before))) {
      const { chunks } = before.entry;
      const { keep, send } = cutGrowth(
        chunks.map(({ length }) => length),
        size,
      );
      const sent = await this.#read(file, fill, send);
      return { size, chunks: [...chunks.slice(0, keep), ...sent] };
    }
    return { size, chunks: await this.#read(file, fill, cutEvenly(0, size)) };
  }

  /**
   * Whether what is stored is how the file begins. Of the file that was seen before the last chunk
   * tells, as logs do not repeat; what another writer has stored is compared in full.
   */
  async #hasGrown(
    file: CapturedFile,
    fill: Fill,
    { entry, identity }: KnownFile,
  ): Promise<boolean> {
    if (entry.chunks.length === 0 || entry.size > file.size) return false;
    const compared = identity === file.identity ? entry.chunks.slice(-1) : entry.chunks;
    let position = entry.size - compared.reduce((sum, { length }) => sum + length, 0);
    for (const { length, id } of compared) {
      const content = this.#buffer.take(length);
      await fill(content, position);
      if (this.sealer.idOf(content) !== id) return false;
      position += length;
    }
    return true;
  }

  async #read(file: CapturedFile, fill: Fill, pieces: Piece[]): Promise<BlobRef[]> {
    const refs: BlobRef[] = [];
    for (const { start, end } of pieces) {
      const content = this.#buffer.take(end - start);
      await fill(content, start);
      refs.push(await this.#chunk(content, file.kind !== 'fixed'));
    }
    return refs;
  }

  async #chunk(content: Uint8Array, compressible: boolean): Promise<BlobRef> {
    const id = this.sealer.idOf(content);
    const known = this.stored.get(id);
    if (known) return known;
    const ref = await this.packs.addChunk(content, id, compressible);
    this.stored.set(id, ref);
    return ref;
  }
}

/** The same object for the same content, by which an unchanged file is recognised at a glance. */
function sameOrNew(before: FileEntry | undefined, after: FileEntry): FileEntry {
  const isSame =
    before?.size === after.size &&
    before.chunks.length === after.chunks.length &&
    before.chunks.every(({ id }, at) => id === after.chunks[at]?.id);
  return isSame ? before : after;
}
