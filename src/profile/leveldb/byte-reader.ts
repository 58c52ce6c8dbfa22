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

  /** Offset of what is read next. */
  get at(): number {
    return this.#at;
  }

  /**
   * A varint: seven bits a byte, lowest first. File numbers, sizes and sequence numbers are 64 bits
   * wide in the format; none that JavaScript cannot count to is ever reached.
   */
  varint(what: string): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte(what);
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new LevelDBFormatError(`${what} is out of range`);
      if (byte < 0x80) return value;
      scale *= 128;
      if (scale > 2 ** 63) throw new LevelDBFormatError(`${what} is longer than 64 bits`);
    }
  }

  /** A varint of any 64 bits. */
  bigVarint(what: string): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = this.byte(what);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new LevelDBFormatError(`${what} is longer than 64 bits`);
  }

  byte(what: string): number {
    const byte = this.bytes[this.#at];
    if (byte === undefined) throw new LevelDBFormatError(`${what} is cut off`);
    this.#at += 1;
    return byte;
  }

  /** A number of one to four bytes, lowest first. */
  uint(length: number, what: string): number {
    let value = 0;
    for (let shift = 0; shift < length; shift++) value += this.byte(what) * 2 ** (8 * shift);
    return value;
  }

  /** The next `length` bytes, as a view. */
  take(length: number, what: string): Uint8Array {
    const end = this.#at + length;
    if (end > this.bytes.length) throw new LevelDBFormatError(`${what} is cut off`);
    const taken = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** A varint length and that many bytes, as a view. */
  slice(what: string): Uint8Array {
    return this.take(this.varint(what), what);
  }
}
