/** CRC-32C (Castagnoli), reflected: the checksum of every LevelDB record and block (RFC 3720, B.4). */
const REFLECTED_POLYNOMIAL = 0x82f63b78;

/** LevelDB's constant for masking, util/crc32c.h. */
const MASK_DELTA = 0xa282ead8;

/** Eight tables, so that eight bytes are taken in one step: table k advances a byte over k zero bytes. */
const [T0, T1, T2, T3, T4, T5, T6, T7] = slicingTables();

function slicingTables(): [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = new Uint32Array(256).map((_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ REFLECTED_POLYNOMIAL : crc >>> 1;
    }
    return crc;
  });
  const next = (table: Table): Table => table.map((crc) => (crc >>> 8) ^ entry(first, crc & 0xff));
  const t1 = next(first);
  const t2 = next(t1);
  const t3 = next(t2);
  const t4 = next(t3);
  const t5 = next(t4);
  const t6 = next(t5);
  return [first, t1, t2, t3, t4, t5, t6, next(t6)];
}

type Table = Uint32Array<ArrayBuffer>;

/** The index is always a byte, so the entry is there; the compiler cannot know. */
function entry(table: Table, byte: number): number {
  return table[byte] as number;
}

/** The CRC-32C of `bytes[start, end)`, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = 0xffffffff;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const low = crc ^ view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    crc =
      entry(T7, low & 0xff) ^
      entry(T6, (low >>> 8) & 0xff) ^
      entry(T5, (low >>> 16) & 0xff) ^
      entry(T4, low >>> 24) ^
      entry(T3, high & 0xff) ^
      entry(T2, (high >>> 8) & 0xff) ^
      entry(T1, (high >>> 16) & 0xff) ^
      entry(T0, high >>> 24);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(T0, (crc ^ view.getUint8(at)) & 0xff);
  return ~crc >>> 0;
}

/**
 * What LevelDB stores in place of a CRC. A CRC over bytes that hold CRCs themselves is weak,
 * so stored ones are rotated and shifted away from their plain value.
 */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

/** The inverse of {@link maskCrc}. */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - MASK_DELTA) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}
