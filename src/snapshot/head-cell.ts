import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { headKey } from './format.js';
import { decodeHead, encodeHead, type Head } from './head.js';
import { createSealer, type Sealer } from './sealer.js';

/**
 * A session's head in the hands of its one writer.
 *
 * A swap whose answer is lost may have happened. Nothing more is committed then until the cell has
 * been read again: each head carries a nonce by which its writer knows it.
 */
export class HeadCell {
  #version: string | null;
  #head: Head | null;
  /** What was to be written when the answer was lost. */
  #unclear: Head | null = null;
  /** By nonce, what had not happened when it was looked for. A slow request may still arrive. */
  readonly #maybeLate = new Map<string, Head>();

  constructor(
    private readonly store: ObjectStore,
    private readonly session: string,
    private readonly sealer: Sealer,
    found: { head: Head; version: string } | null,
  ) {
    this.#head = found?.head ?? null;
    this.#version = found?.version ?? null;
  }

  /** The head as it surely is in the store; null before the first. */
  get head(): Head | null {
    return this.#head;
  }

  /**
   * Finds out what became of a commit whose answer was lost; does nothing otherwise.
   *
   * @returns the head, if that commit has happened
   * @throws {HoldfastError} SESSION_TAKEN, HEAD_LOST, and the store's errors while that cannot be
   *   known
   */
  async settle(): Promise<Head | null> {
    if (this.#unclear === null) return null;
    const intended = this.#unclear;
    const now = await this.store.readCell(headKey(this.session));
    const nonce = now && nonceOf(now.value);
    if (now && nonce === intended.nonce) {
      this.#accept(intended, now.version);
      return intended;
    }
    if (now === null && this.#version !== null) throw this.#lost();
    if (now && now.version !== this.#version) {
      const late = this.#maybeLate.get(nonce ?? '');
      if (!late) throw this.#taken();
      // Its packs are still there: they are deleted after a commit, and there was none since.
      this.#head = late;
      this.#version = now.version;
    }
    this.#maybeLate.set(intended.nonce, intended);
    this.#unclear = null;
    return null;
  }

  /**
   * @throws {HoldfastError} SESSION_TAKEN when another writer has been there, HEAD_LOST when nobody
   *   has and it is gone, and the store's errors: then `settle()` tells whether it has happened
   */
  async commit(head: Head): Promise<void> {
    if (this.#unclear) throw new Error('settle() comes first');
    const value = encodeHead(head, (text) => this.#sealerOf(head).tagOf(text));
    for (;;) {
      const expected = this.#version;
      try {
        this.#accept(head, await this.store.swapCell(headKey(this.session), value, expected));
        return;
      } catch (error) {
        // Also on a conflict: whoever repeats lost requests underneath may have met his own swap.
        this.#unclear = head;
        if ((await this.settle()) !== null) return;
        // Else it was a late head of this writer's own that was in the way.
        if (this.#version === expected) throw error;
      }
    }
  }

  /** A tombstone can be read without a key, also while somebody holds the session. */
  #sealerOf({ state }: Head): Sealer {
    return state === 'logged-out' ? createSealer(null, this.session) : this.sealer;
  }

  #accept(head: Head, version: string): void {
    this.#head = head;
    this.#version = version;
    this.#unclear = null;
    this.#maybeLate.clear();
  }

  #lost(): HoldfastError {
    return new HoldfastError(
      'HEAD_LOST',
      `In the store, the head of the session ${this.session}, ${headKey(this.session)}, is gone; it ` +
        'was there before. Its snapshots are not lost: `holdfast repair` makes the head anew.',
    );
  }

  #taken(): HoldfastError {
    return new HoldfastError(
      'SESSION_TAKEN',
      `Another process has taken the session ${this.session} and saves it now. This one must not ` +
        'save it any more; what it had not saved is lost to the store.',
    );
  }
}

function nonceOf(value: Uint8Array): string | null {
  try {
    return decodeHead(value).head.nonce;
  } catch {
    return null;
  }
}
