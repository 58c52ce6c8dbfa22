import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, maskCrc, unmaskCrc } from '../../../src/profile/leveldb/crc32c.js';

describe('crc32c', () => {
  it.each([
    // RFC 3720, B.4
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
    ['the digits', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
  ])('gives the published value of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('agrees with the definition bit by bit, whatever the range', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(20),
        fc.nat(20),
        (bytes, from, less) => {
          const start = Math.min(from, bytes.length);
          const end = Math.max(start, bytes.length - less);
          expect(crc32c(bytes, start, end)).toBe(crcByDefinition(bytes.subarray(start, end)));
        },
      ),
    );
  });
});

describe('the mask', () => {
  it('is undone by unmaskCrc and changes the value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (crc) => {
        expect(unmaskCrc(maskCrc(crc))).toBe(crc);
      }),
    );
    expect(maskCrc(0xe3069283)).toBe(((0xe3069283 >>> 15) + (0xe3069283 << 17) + 0xa282ead8) >>> 0);
  });
});

function crcByDefinition(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
