import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelDBFormatError } from '../../../src/profile/leveldb/byte-reader.js';
import { decodeSnappy } from '../../../src/profile/leveldb/snappy.js';
import { compress, type SnappyElement, snappyBlock } from '../support/snappy-writer.js';

/** Numbers that become elements once it is known how much comes before them. */
const recipe = fc.record({
  isLiteral: fc.boolean(),
  size: fc.oneof(fc.nat(70), fc.constantFrom(59, 60, 61, 255, 256, 257, 65_536, 65_537, 70_000)),
  back: fc.nat(),
  offsetBytes: fc.constantFrom(1, 2, 4),
  value: fc.nat(255),
});

const block = fc.array(recipe, { minLength: 1, maxLength: 12 }).map((recipes) => {
  const elements: SnappyElement[] = [];
  const output: number[] = [];
  for (const { isLiteral, size, back, offsetBytes, value } of recipes) {
    if (isLiteral || output.length === 0) {
      const literal = Buffer.from(
        Array.from({ length: size + 1 }, (_, n) => (value + n * 7) & 255),
      );
      elements.push({ literal });
      for (const byte of literal) output.push(byte);
      continue;
    }
    const reach = { 1: 2047, 2: 65_535, 4: 1_000_000 }[offsetBytes];
    const offset = 1 + (back % Math.min(output.length, reach));
    const length = offsetBytes === 1 ? 4 + (size % 8) : 1 + (size % 64);
    elements.push({ offset, length, offsetBytes });
    for (let n = 0; n < length; n++) output.push(output[output.length - offset] as number);
  }
  return { elements, output: Uint8Array.from(output) };
});

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe('a Snappy block', () => {
  it('unfolds to what its elements say, whatever they are', () => {
    fc.assert(
      fc.property(block, ({ elements, output }) => {
        expect(same(decodeSnappy(snappyBlock(output.length, elements)), output)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    // Worked out by hand from format_description.txt.
    ['nothing', [0], ''],
    ['a literal', [3, 2 << 2, 0x61, 0x62, 0x63], 'abc'],
    ['a copy that reaches into itself', [9, 1 << 2, 0x61, 0x62, 1 | (3 << 2), 2], 'ababababa'],
  ])('holds %s', (_, bytes, text) => {
    expect(Buffer.from(decodeSnappy(Uint8Array.from(bytes))).toString()).toBe(text);
  });

  it('cut anywhere is refused', () => {
    fc.assert(
      fc.property(block, fc.nat(), ({ elements, output }, position) => {
        const bytes = snappyBlock(output.length, elements);
        const cut = bytes.subarray(0, position % bytes.length);
        expect(() => decodeSnappy(cut)).toThrow(LevelDBFormatError);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['claims more than it holds', snappyBlock(5, [{ literal: Buffer.from('abc') }])],
    ['claims less than it holds', snappyBlock(2, [{ literal: Buffer.from('abc') }])],
    ['claims gigabytes', snappyBlock(2 ** 32 - 1, [{ literal: Buffer.from('abc') }])],
    ['claims what no memory has', snappyBlock(2 ** 52, [{ literal: Buffer.from('abc') }])],
    [
      'copies from before its beginning',
      snappyBlock(8, [{ literal: Buffer.from('abc') }, { offset: 4, length: 5, offsetBytes: 2 }]),
    ],
    [
      'copies from no distance',
      snappyBlock(8, [{ literal: Buffer.from('abc') }, { offset: 0, length: 5, offsetBytes: 2 }]),
    ],
    ['has a literal of four gigabytes', Buffer.from([3, 63 << 2, 0xff, 0xff, 0xff, 0xff, 1])],
  ])('that %s is refused', (_, bytes) => {
    expect(() => decodeSnappy(bytes)).toThrow(LevelDBFormatError);
  });

  it('made by a compressor unfolds to its input', () => {
    const input = fc.array(fc.constantFrom('session', 'key', '0', 'é', '\0\0\0'), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(input, (words) => {
        const bytes = Buffer.from(words.join(''));
        expect(same(decodeSnappy(compress(bytes)), bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
