import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelDBFormatError } from '../../../src/profile/leveldb/byte-reader.js';
import {
  encodeWriteBatch,
  readWriteBatchHeader,
  readWrites,
  type Write,
} from '../../../src/profile/leveldb/write-batch.js';
import { writeBatch } from '../support/leveldb-writer.js';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const write: fc.Arbitrary<Write> = fc.record({
  key: bytes,
  value: fc.oneof(fc.constant(null), bytes),
});

describe('a batch of writes', () => {
  it('gives back what was put into it', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.array(write, { maxLength: 20 }), (sequence, writes) => {
        const record = encodeWriteBatch(sequence, writes);
        expect(readWriteBatchHeader(record)).toEqual({ sequence, count: writes.length });
        expect([...readWrites(record)]).toEqual(writes);
      }),
      { numRuns: 500 },
    );
  });

  it('is laid out as LevelDB lays it out', () => {
    const put = { key: Buffer.from('key'), value: Buffer.from('value') };
    expect(encodeWriteBatch(7, [put])).toEqual(writeBatch(7, 'key', 'value'));
    const removal = encodeWriteBatch(2 ** 40, [{ key: Buffer.from('k'), value: null }]);
    expect([...removal]).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0x6b]);
  });

  it.each([
    ['is cut off', (record: Buffer) => record.subarray(0, -1)],
    ['is too short', (record: Buffer) => record.subarray(0, 11)],
    ['claims another number of writes', (record: Buffer) => setByte(record, 8, 2)],
    ['holds a write of an unknown type', (record: Buffer) => setByte(record, 12, 2)],
    ['has a key longer than itself', (record: Buffer) => setByte(record, 13, 100)],
  ])('that %s is refused', (_, change) => {
    const record = change(writeBatch(1, 'key', 'value'));
    expect(() => [...readWrites(record)]).toThrow(LevelDBFormatError);
  });
});

function setByte(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}
