import type { ObjectStore } from '../objects/object-store.js';
import { encodeBlob } from './codec.js';
import { packKey, packName } from './format.js';
import type { BlobRef } from './manifest.js';
import { PACK_HEADER_BYTES, PACK_ROOM, packHeader, packTrailer } from './pack-layout.js';
import type { Sealer } from './sealer.js';

/** Packs on their way to the store at one time; more of them is more memory. */
const PUTS_AT_ONCE = 2;

export interface PackWriterContext {
  store: ObjectStore;
  session: string;
  sealer: Sealer;
  generation: number;
  /** A number that this generation has never used: packs are written once. */
  sequence: number;
}

/** Writes the packs of one save. */
export class PackWriter {
  /** The packs put or on their way, with their sizes in bytes. */
  readonly packs = new Map<string, number>();
  chunks = 0;
  readonly #context: PackWriterContext;
  readonly #puts = new Set<Promise<void>>();
  #failure: { error: unknown } | null = null;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(context: PackWriterContext) {
    this.#context = context;
  }

  get bytesSent(): number {
    let sum = 0;
    for (const size of this.packs.values()) sum += size;
    return sum;
  }

  /** @param id of the content, see Sealer.idOf */
  async addChunk(content: Uint8Array, id: string, compressible: boolean): Promise<BlobRef> {
    this.chunks++;
    return this.#add(content, id, compressible, 'chunk');
  }

  /** Adds the manifest and waits until everything is in the store. */
  async finish(manifest: Uint8Array): Promise<BlobRef> {
    const id = this.#context.sealer.idOf(manifest);
    const ref = await this.#add(manifest, id, true, 'manifest');
    this.#flush(ref);
    await this.settle();
    return ref;
  }

  /** Waits until nothing is on its way any more; rejects with the first failure. */
  async settle(): Promise<void> {
    while (this.#puts.size > 0) await Promise.race(this.#puts);
    if (this.#failure) throw this.#failure.error;
  }

  async #add(
    content: Uint8Array,
    id: string,
    compressible: boolean,
    kind: 'chunk' | 'manifest',
  ): Promise<BlobRef> {
    const blob = encodeBlob(content, compressible);
    // Sealing makes it a little longer; what is left over at a pack's end does not matter.
    const room = blob.reduce((sum, part) => sum + part.length, 0) + 64;
    if (this.#length + room > PACK_HEADER_BYTES + PACK_ROOM) {
      this.#flush(null);
      while (this.#puts.size >= PUTS_AT_ONCE) await Promise.race(this.#puts);
    }
    if (this.#failure) throw this.#failure.error;
    const { session, sealer } = this.#context;
    const pack = this.#currentPack();
    if (this.#length === 0) this.#append(packHeader(session, pack, sealer.isSealed));
    const offset = this.#length;
    for (const part of sealer.seal(blob, { session, pack, offset, kind })) this.#append(part);
    return { pack, offset, stored: this.#length - offset, length: content.length, id };
  }

  #currentPack(): string {
    const { generation, sequence } = this.#context;
    return packName({ generation, sequence, number: this.packs.size });
  }

  #append(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  #flush(manifest: BlobRef | null): void {
    const pack = this.#currentPack();
    this.#append(packTrailer(manifest));
    const bytes = Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    this.packs.set(pack, bytes.length);
    const { store, session } = this.#context;
    const put = store.put(packKey(session, pack), bytes).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#puts.add(put);
    void put.then(() => this.#puts.delete(put));
  }
}
