import { type BlobReader, isDamage } from './blob-reader.js';
import { packKey, parsePackName } from './format.js';
import { Garbage } from './garbage.js';
import type { Head, SnapshotInfo } from './head.js';
import { type BlobRef, chunksOf, type ManifestBase } from './manifest.js';
import { listPackSizes, requireRefs } from './pack-sizes.js';
import type { PackWriter } from './pack-writer.js';
import { readManifest } from './read-manifest.js';
import { type KeptSnapshot, packsOfAll, refsOf } from './retention.js';

/** The snapshots that a writer's head lists, and the packs that they are in. */
export class SessionPast {
  #snapshots: readonly KeptSnapshot[] = [];
  readonly #packSizes = new Map<string, number>();
  readonly #garbage = new Garbage();
  /** Places of chunks that were found damaged: not referred to again. */
  readonly #damaged = new Set<string>();

  private constructor(private readonly reader: BlobReader) {}

  /**
   * Reads what the kept snapshots say, and finds what writers before left behind. A snapshot that is
   * not whole is passed over, so that nothing new builds on it: the next head does not list it.
   */
  static async load(reader: BlobReader, head: Head): Promise<SessionPast> {
    const past = new SessionPast(reader);
    const sizes = await listPackSizes(reader.store, reader.session);
    const bases = new Map<string, Promise<ManifestBase>>();
    const look = async (info: SnapshotInfo): Promise<KeptSnapshot | null> => {
      try {
        const stored = await readManifest(reader, info.manifest, bases);
        requireRefs(refsOf(stored), sizes, reader.session);
        return { info, stored };
      } catch (error) {
        if (isDamage(error)) return null;
        throw error;
      }
    };
    const found = await Promise.all(head.snapshots.map(look));
    past.#snapshots = found.filter((snapshot) => snapshot !== null);

    const needed = packsOfAll(past.#snapshots);
    // What a damaged snapshot needs is not known; it may be repaired until the next head.
    const isComplete = past.#snapshots.length === head.snapshots.length;
    for (const [pack, size] of sizes) {
      const generation = parsePackName(pack)?.generation;
      if (needed.has(pack)) past.#packSizes.set(pack, size);
      // A higher generation is another writer's, who has taken the session from this one.
      else if (isComplete && generation !== undefined && generation < head.generation) {
        past.#garbage.add(pack, size, Number.NEGATIVE_INFINITY);
      }
    }
    await past.deleteGarbage(0);
    return past;
  }

  /** Oldest first. */
  get snapshots(): readonly KeptSnapshot[] {
    return this.#snapshots;
  }

  get newest(): KeptSnapshot | null {
    return this.#snapshots.at(-1) ?? null;
  }

  /** The manifest in full that the next may be based on. */
  get base(): ManifestBase | null {
    const stored = this.newest?.stored;
    return stored ? (stored.base ?? { ref: stored.ref, files: stored.manifest.files }) : null;
  }

  /** In bytes; undefined for a pack that is not in the store yet. */
  sizeOf(pack: string): number | undefined {
    return this.#packSizes.get(pack);
  }

  /** What the snapshots refer to, by id. */
  storedChunks(): Map<string, BlobRef> {
    const chunks = new Map<string, BlobRef>();
    for (const { stored } of this.#snapshots) {
      for (const ref of chunksOf(stored.manifest)) {
        if (!this.isDamaged(ref)) chunks.set(ref.id, ref);
      }
    }
    return chunks;
  }

  /** @param snapshots that the head lists from now on, the last of them new and in `packs` */
  accept(snapshots: readonly KeptSnapshot[], packs: PackWriter): void {
    this.#snapshots = snapshots;
    for (const [pack, bytes] of packs.packs) this.#packSizes.set(pack, bytes);
    const needed = packsOfAll(snapshots);
    for (const [pack, bytes] of this.#packSizes) {
      if (needed.has(pack)) continue;
      this.#packSizes.delete(pack);
      this.#garbage.add(pack, bytes, performance.now());
    }
  }

  /** Packs that were put for nothing go with the next save that is committed. */
  abandon(packs: PackWriter): void {
    for (const [pack, bytes] of packs.packs) this.#garbage.add(pack, bytes, performance.now());
  }

  noteDamaged(refs: readonly BlobRef[]): void {
    for (const ref of refs) this.#damaged.add(placeOf(ref));
  }

  isDamaged(ref: BlobRef): boolean {
    return this.#damaged.size > 0 && this.#damaged.has(placeOf(ref));
  }

  /**
   * To be called after a commit. What is not deleted now is deleted after a later one.
   *
   * @param allowance bytes that may stay
   */
  async deleteGarbage(allowance: number): Promise<void> {
    const packs = this.#garbage.due(allowance, performance.now());
    if (packs.length === 0) return;
    const { store, session } = this.reader;
    try {
      await store.delete(packs.map((pack) => packKey(session, pack)));
      this.#garbage.remove(packs);
    } catch {
      // The save is committed; that the store holds more than it needs is no reason to fail it.
    }
  }
}

function placeOf({ pack, offset }: BlobRef): string {
  return `${pack} ${offset}`;
}
