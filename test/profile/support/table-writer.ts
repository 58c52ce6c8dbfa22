import { crc32c, maskCrc } from '../../../src/profile/leveldb/crc32c.js';
import { encodeVarint } from '../../../src/profile/leveldb/encodings.js';
import { compress } from './snappy-writer.js';

/** A write as a table keeps it; null deletes. */
export type TableEntry = [key: string, sequence: number, value: string | Buffer | null];

export interface TableOptions {
  isCompressed?: boolean;
  entriesPerBlock?: number;
  /** Bytes that pass for a filter, in a block of their own. */
  filter?: Buffer;
}

/** A table as LevelDB writes it (doc/table_format.md); the entries must be in its order. */
export function tableOf(entries: TableEntry[], options: TableOptions = {}): Buffer {
  const { isCompressed = false, entriesPerBlock = 20, filter } = options;
  const file = new TableFile();
  const index: [Buffer, Buffer][] = [];
  for (let at = 0; at < entries.length; at += entriesPerBlock) {
    const pairs = entries.slice(at, at + entriesPerBlock).map(pairOf);
    const [lastKey] = pairs.at(-1) as [Buffer, Buffer];
    index.push([lastKey, file.add(blockOf(pairs), isCompressed)]);
  }
  const meta: [Buffer, Buffer][] = filter
    ? [[Buffer.from('filter.leveldb.BuiltinBloomFilter2'), file.add(filter, false)]]
    : [];
  return file.end(blockOf(meta, 1), blockOf(index, 1), isCompressed);
}

/** A block with the keys' shared beginnings left out, but every `interval`th time. */
export function blockOf(pairs: [key: Buffer, value: Buffer][], interval = 16): Buffer {
  const parts: Uint8Array[] = [];
  const restarts: number[] = [];
  let size = 0;
  for (const [index, [key, value]] of pairs.entries()) {
    const before = pairs[index - 1]?.[0] ?? Buffer.alloc(0);
    const shared = index % interval === 0 ? 0 : sharedLength(before, key);
    if (index % interval === 0) restarts.push(size);
    const entry = Buffer.concat([
      encodeVarint(shared),
      encodeVarint(key.length - shared),
      encodeVarint(value.length),
      key.subarray(shared),
      value,
    ]);
    parts.push(entry);
    size += entry.length;
  }
  if (restarts.length === 0) restarts.push(0);
  return Buffer.concat([...parts, ...[...restarts, restarts.length].map(uint32)]);
}

/** A block as it lies in a file: with how it is compressed and a checksum behind it. */
export function storedBlock(block: Uint8Array, isCompressed: boolean): Buffer {
  const body = Buffer.concat([
    isCompressed ? compress(block) : block,
    Buffer.from([isCompressed ? 1 : 0]),
  ]);
  return Buffer.concat([body, uint32(maskCrc(crc32c(body)))]);
}

class TableFile {
  #parts: Buffer[] = [];
  #size = 0;

  /** @returns the handle of the block */
  add(block: Buffer, isCompressed: boolean): Buffer {
    const stored = storedBlock(block, isCompressed);
    const handle = Buffer.concat([encodeVarint(this.#size), encodeVarint(stored.length - 5)]);
    this.#parts.push(stored);
    this.#size += stored.length;
    return handle;
  }

  end(meta: Buffer, index: Buffer, isCompressed: boolean): Buffer {
    const handles = Buffer.concat([this.add(meta, false), this.add(index, isCompressed)]);
    const footer = Buffer.alloc(48);
    footer.set(handles);
    footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
    return Buffer.concat([...this.#parts, footer]);
  }
}

function pairOf([key, sequence, value]: TableEntry): [Buffer, Buffer] {
  const suffix = Buffer.alloc(8);
  suffix.writeBigUInt64LE((BigInt(sequence) << 8n) | (value === null ? 0n : 1n));
  return [Buffer.concat([Buffer.from(key, 'latin1'), suffix]), Buffer.from(value ?? '')];
}

function sharedLength(a: Buffer, b: Buffer): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
