/** An element of a Snappy block: bytes as they are, or a piece of what came before once more. */
export type SnappyElement =
  | { literal: Uint8Array }
  | { offset: number; length: number; offsetBytes: 1 | 2 | 4 };

/** The Snappy block of these elements that says it unfolds to `length` bytes. */
export function snappyBlock(length: number, elements: SnappyElement[]): Buffer {
  return Buffer.concat([varint(length), ...elements.map(encodeElement)]);
}

/** Compresses as Snappy does, in its simplest form: what was seen 4 bytes of is copied. */
export function compress(bytes: Uint8Array): Buffer {
  const elements: SnappyElement[] = [];
  const seen = new Map<string, number>();
  let literal = 0;
  const flush = (end: number) => {
    if (end > literal) elements.push({ literal: bytes.subarray(literal, end) });
  };
  for (let at = 0; at + 4 <= bytes.length; ) {
    const four = Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
    const from = seen.get(four);
    seen.set(four, at);
    if (from === undefined || at - from > 0xffff) {
      at += 1;
      continue;
    }
    let length = 4;
    while (length < 64 && at + length < bytes.length && bytes[from + length] === bytes[at + length])
      length += 1;
    flush(at);
    elements.push({ offset: at - from, length, offsetBytes: 2 });
    at += length;
    literal = at;
  }
  flush(bytes.length);
  return snappyBlock(bytes.length, elements);
}

function encodeElement(element: SnappyElement): Buffer {
  if ('literal' in element) return encodeLiteral(element.literal);
  const { offset, length, offsetBytes } = element;
  if (offsetBytes === 1) {
    return Buffer.from([1 | ((length - 4) << 2) | ((offset >> 8) << 5), offset & 0xff]);
  }
  const bytes = Buffer.alloc(1 + offsetBytes);
  bytes[0] = ((length - 1) << 2) | (offsetBytes === 2 ? 2 : 3);
  bytes.writeUIntLE(offset, 1, offsetBytes);
  return bytes;
}

function encodeLiteral(literal: Uint8Array): Buffer {
  const size = literal.length - 1;
  if (size < 60) return Buffer.concat([Buffer.from([size << 2]), literal]);
  const sizeBytes = size < 0x100 ? 1 : size < 0x10000 ? 2 : size < 0x1000000 ? 3 : 4;
  const head = Buffer.alloc(1 + sizeBytes);
  head[0] = (59 + sizeBytes) << 2;
  head.writeUIntLE(size, 1, sizeBytes);
  return Buffer.concat([head, literal]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
