import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { decodeBlob } from './codec.js';
import { packKey } from './format.js';
import type { BlobRef } from './manifest.js';
import { findHeaderFlaw, PACK_HEADER_BYTES } from './pack-layout.js';
import type { ReusableBuffer } from './reusable-buffer.js';
import type { Sealer } from './sealer.js';

/** Reads blobs of one session and proves them. */
export class BlobReader {
  constructor(
    readonly store: ObjectStore,
    readonly session: string,
    readonly sealer: Sealer,
  ) {}

  /**
   * @throws {HoldfastError} OBJECT_MISSING, OBJECT_TRUNCATED, OBJECT_ALTERED, OBJECT_MISPLACED, and
   *   the store's errors
   */
  async read(ref: BlobRef, kind: 'chunk' | 'manifest' = 'chunk'): Promise<Uint8Array> {
    const range = { start: ref.offset, end: ref.offset + ref.stored };
    const stored = await this.store.get(packKey(this.session, ref.pack), range);
    if (stored === null) throw this.#missing(ref.pack);
    return this.open(stored, ref, kind);
  }

  /**
   * Several blobs of one pack, by as few bytes as is sensible; each handed over once proven, in
   * memory that is used again for the next.
   */
  async readMany(
    pack: string,
    refs: readonly BlobRef[],
    memory: ReusableBuffer,
    onContent: (ref: BlobRef, content: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const sorted = [...refs].sort((a, b) => a.offset - b.offset);
    for (const run of runsOf(sorted)) {
      const range = { start: run.start, end: run.end };
      const bytes = await this.store.get(packKey(this.session, pack), range);
      if (bytes === null) throw this.#missing(pack);
      for (const ref of run.refs) {
        const start = ref.offset - run.start;
        const stored = bytes.subarray(start, start + ref.stored);
        const content = await this.open(stored, ref, 'chunk', memory);
        await onContent(ref, content);
      }
    }
  }

  /** Proves what was read for `ref` and undoes sealing and compression. */
  async open(
    stored: Uint8Array,
    ref: BlobRef,
    kind: 'chunk' | 'manifest',
    memory?: ReusableBuffer,
  ): Promise<Uint8Array> {
    if (stored.length < ref.stored) throw this.#truncated(ref.pack);
    const { session, sealer } = this;
    const { pack, offset } = ref;
    const blob = sealer.open(stored, { session, pack, offset, kind }, memory);
    const content = blob && decodeBlob(blob, ref.length);
    // Sealed content is proven by its seal already; plain content only by its hash.
    const isProven = content && (sealer.isSealed || sealer.idOf(content) === ref.id);
    if (content && isProven) return content;
    throw await this.#explain(pack);
  }

  /** Says why a pack's content does not open, by its first bytes. */
  async #explain(pack: string): Promise<HoldfastError> {
    const { store, session, sealer } = this;
    const header = await store.get(packKey(session, pack), { start: 0, end: PACK_HEADER_BYTES });
    if (header === null) return this.#missing(pack);
    switch (findHeaderFlaw(header, session, pack, sealer.isSealed)) {
      case 'of another place':
        return this.#flaw('OBJECT_MISPLACED', pack, 'holds what belongs to another object');
      case 'unknown format':
        return this.#flaw('FORMAT_UNSUPPORTED', pack, 'has a format this version does not know');
      case 'otherwise sealed':
      case 'no pack':
        return this.#flaw('OBJECT_ALTERED', pack, 'does not begin as a pack of this session does');
      default:
        return this.#flaw('OBJECT_ALTERED', pack, 'is damaged or was altered');
    }
  }

  #missing(pack: string): HoldfastError {
    return this.#flaw('OBJECT_MISSING', pack, 'is not there');
  }

  #truncated(pack: string): HoldfastError {
    return this.#flaw('OBJECT_TRUNCATED', pack, 'is shorter than it should be');
  }

  #flaw(
    code:
      | 'OBJECT_MISSING'
      | 'OBJECT_TRUNCATED'
      | 'OBJECT_ALTERED'
      | 'OBJECT_MISPLACED'
      | 'FORMAT_UNSUPPORTED',
    pack: string,
    what: string,
  ): HoldfastError {
    return new HoldfastError(
      code,
      `In the store, the object ${packKey(this.session, pack)} ${what}. What needs it cannot be ` +
        'opened; an earlier snapshot may be whole (`holdfast check` tells).',
    );
  }
}

/** What lies between two wanted blobs is read along when it is no more than this. */
const LARGEST_GAP_BYTES = 64 * 1024;
/** More at a time would only take more memory. */
const LONGEST_RUN_BYTES = 3 * 1024 * 1024;

function* runsOf(sorted: readonly BlobRef[]) {
  let run: { start: number; end: number; refs: BlobRef[] } | null = null;
  for (const ref of sorted) {
    const isNear = run !== null && ref.offset - run.end <= LARGEST_GAP_BYTES;
    if (run && isNear && ref.offset + ref.stored - run.start <= LONGEST_RUN_BYTES) {
      run.end = Math.max(run.end, ref.offset + ref.stored);
      run.refs.push(ref);
      continue;
    }
    if (run) yield run;
    run = { start: ref.offset, end: ref.offset + ref.stored, refs: [ref] };
  }
  if (run) yield run;
}

/** True for errors that say what is in the store, not that it could not be asked. */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof HoldfastError &&
    [
      'OBJECT_MISSING',
      'OBJECT_TRUNCATED',
      'OBJECT_ALTERED',
      'OBJECT_MISPLACED',
      'PROFILE_DAMAGED',
    ].includes(error.code)
  );
}
