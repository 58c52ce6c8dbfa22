/** LevelDB's basic encodings, the way back from ByteReader (util/coding.h). */
export function encodeVarint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** Its length as a varint and the bytes. */
export function encodeSlice(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([encodeVarint(bytes.length), bytes]);
}
