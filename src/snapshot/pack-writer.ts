import { HoldfastError } from '../errors.js';
import { MAX_OBJECT_BYTES, type ObjectStore } from '../objects/object-store.js';
import { type Compression, encodeBlob } from './codec.js';
import { ENOUGH_FOR_A_PACK, packKey, packName } from './format.js';
import type { BlobRef } from './manifest.js';
import { PACK_HEADER_BYTES, PACK_ROOM, packHeader, packTrailer } from './pack-layout.js';
import type { Sealer } from './sealer.js';

/** Packs on their way to the store at one time; more of them is more memory. */
const PUTS_AT_ONCE = 1;
const FIRST_PACK_BYTES = 64 * 1024;

export interface PackWriterContext {
  store: ObjectStore;
  session: string;
  sealer: Sealer;
  generation: number;
  /** A number that this generation has never used: packs are written once. */
  sequence: number;
}

/** Chunks are cut so that they fit; a list of a great many files may not. */
function tooLarge(session: string): HoldfastError {
  return new HoldfastError(
    'UNSUPPORTED_CONTENT',
    `The session ${session} cannot be saved: the list of its files alone is more than an object of ` +
      'the store may hold. Something fills the profile with files, such as a cache of a page.',
  );
}

/** Writes the packs of one save. */
export class PackWriter {
  /** The packs put or on their way, with their sizes in bytes. */
  readonly packs = new Map<string, number>();
  chunks = 0;
  readonly #context: PackWriterContext;
  readonly #puts = new Set<Promise<void>>();
  #failure: { error: unknown } | null = null;
  /** The pack that is being filled. */
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Whole packs' memory, used again: what the garbage collector has not seen yet counts too. */
  readonly #spare: Buffer[] = [];

  constructor(context: PackWriterContext) {
    this.#context = context;
  }

  /** With what is in the pack that is being filled. */
  get bytesSent(): number {
    let sum = this.#length;
    for (const size of this.packs.values()) sum += size;
    return sum;
  }

  /** @param id of the content, see Sealer.idOf */
  async addChunk(content: Uint8Array, id: string, compressible: boolean): Promise<BlobRef> {
    this.chunks++;
    return this.#add(content, id, compressible ? 'if small' : 'never', 'chunk');
  }

  /** Adds the manifest and waits until everything is in the store. */
  async finish(manifest: Uint8Array): Promise<BlobRef> {
    const id = this.#context.sealer.idOf(manifest);
    const ref = await this.#add(manifest, id, 'always', 'manifest');
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
    compression: Compression,
    kind: 'chunk' | 'manifest',
  ): Promise<BlobRef> {
    const { session, sealer } = this.#context;
    const blob = encodeBlob(content, compression);
    // Sealing makes it a little longer; what is left over at a pack's end does not matter.
    const room = blob.reduce((sum, part) => sum + part.length, 0) + 64;
    if (room > PACK_ROOM) throw tooLarge(session);
    const isFull = this.#length + room > PACK_HEADER_BYTES + PACK_ROOM;
    if (isFull || (kind === 'chunk' && this.#length >= ENOUGH_FOR_A_PACK)) {
      this.#flush(null);
      while (this.#puts.size >= PUTS_AT_ONCE) await Promise.race(this.#puts);
    }
    if (this.#failure) throw this.#failure.error;
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

  #append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** A small save takes little memory, a large one whole packs. */
  #grow(least: number): void {
    const size = Math.max(FIRST_PACK_BYTES, 2 * this.#bytes.length);
    const isSmall = this.packs.size === 0 && least <= size && size < MAX_OBJECT_BYTES;
    const grown = isSmall
      ? Buffer.allocUnsafeSlow(size)
      : (this.#spare.pop() ?? Buffer.allocUnsafeSlow(MAX_OBJECT_BYTES));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  #flush(manifest: BlobRef | null): void {
    const pack = this.#currentPack();
    this.#append(packTrailer(manifest));
    const memory = this.#bytes;
    const bytes = memory.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    this.packs.set(pack, bytes.length);
    const { store, session } = this.#context;
    const put = store.put(packKey(session, pack), bytes).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#puts.add(put);
    void put.then(() => {
      this.#puts.delete(put);
      if (memory.length === MAX_OBJECT_BYTES) this.#spare.push(memory);
    });
  }
}
