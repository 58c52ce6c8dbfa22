/**
 * One piece of memory for many contents, each used up before the next. New memory for each would
 * wait for the garbage collector, and add up.
 */
export class ReusableBuffer {
  #bytes = Buffer.alloc(0);

  /** What was taken before is void then. */
  take(length: number): Uint8Array {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length);
    return this.#bytes.subarray(0, length);
  }
}
