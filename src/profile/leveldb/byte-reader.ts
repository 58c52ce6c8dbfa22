/** Bytes that do not follow LevelDB's format; the message says where they leave it. */
export class LevelDBFormatError extends Error {
  override readonly name = 'LevelDBFormatError';
}

/** Reads LevelDB's basic encodings (util/coding.h) one after the other. */
export class ByteReader {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  /**
   * A varint: seven bits a byte, lowest first. File numbers, sizes and sequence numbers are 64 bits
   * wide in the format; none that JavaScript cannot count to is ever reached.
   */
  varint(what: string): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw new LevelDBFormatError(`${what} is cut off`);
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new LevelDBFormatError(`${what} is out of range`);
      if (byte < 0x80) return value;
      scale *= 128;
      if (scale > 2 ** 63) throw new LevelDBFormatError(`${what} is longer than 64 bits`);
    }
  }

  /** A varint length and that many bytes, as a view. */
  slice(what: string): Uint8Array {
    const length = this.varint(what);
    const end = this.#at + length;
    if (end > this.bytes.length) throw new LevelDBFormatError(`${what} is cut off`);
    const slice = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return slice;
  }
}
