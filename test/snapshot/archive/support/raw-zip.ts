import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a hand-made archive: what is not said is as it should be. */
export interface RawEntry {
  name: string | Buffer;
  content?: Buffer | string;
  /** Deflates the content. */
  deflate?: boolean;
  /** The bytes in the archive, instead of those that the content gives. */
  packed?: Buffer;
  /** What the directory says. */
  central?: Partial<RawHeader>;
  /** What the header before the data says. Default: as the directory. */
  local?: Partial<RawHeader>;
}

export interface RawHeader {
  name: string | Buffer;
  flags: number;
  method: number;
  crc: number;
  size: number;
  compressedSize: number;
  attributes: number;
  madeBy: number;
  extra: Buffer;
  offset: number;
}

export interface RawEnd {
  /** How many entries the end says there are. */
  count?: number;
  comment?: Buffer;
}

/** An archive exactly as told, lies included. */
export function rawZip(entries: RawEntry[], end: RawEnd = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  const put = (part: Buffer) => {
    parts.push(part);
    offset += part.length;
  };
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const packed = entry.packed ?? (entry.deflate ? deflateRawSync(content) : content);
    const header: RawHeader = {
      name: entry.name,
      flags: 0x800,
      method: entry.deflate ? 8 : 0,
      crc: crc32(content),
      size: content.length,
      compressedSize: packed.length,
      attributes: 0,
      madeBy: 20,
      extra: Buffer.alloc(0),
      offset,
      ...entry.central,
    };
    directory.push(centralRecord(header));
    put(localRecord({ ...header, extra: Buffer.alloc(0), ...entry.local }));
    put(packed);
  }
  const directoryOffset = offset;
  for (const record of directory) put(record);
  put(endRecord(entries.length, directoryOffset, offset - directoryOffset, end));
  return Buffer.concat(parts);
}

function common(header: RawHeader): Buffer {
  const record = Buffer.alloc(26);
  record.writeUInt16LE(20, 0);
  record.writeUInt16LE(header.flags, 2);
  record.writeUInt16LE(header.method, 4);
  record.writeUInt16LE((1 << 5) | 1, 8);
  record.writeUInt32LE(header.crc, 10);
  record.writeUInt32LE(header.compressedSize, 14);
  record.writeUInt32LE(header.size, 18);
  record.writeUInt16LE(Buffer.from(header.name).length, 22);
  record.writeUInt16LE(header.extra.length, 24);
  return record;
}

export function localRecord(header: RawHeader): Buffer {
  const signature = Buffer.from('PK\x03\x04', 'latin1');
  return Buffer.concat([signature, common(header), Buffer.from(header.name), header.extra]);
}

function centralRecord(header: RawHeader): Buffer {
  const start = Buffer.alloc(6);
  start.write('PK\x01\x02', 'latin1');
  start.writeUInt16LE(header.madeBy, 4);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(header.attributes, 6);
  rest.writeUInt32LE(header.offset, 10);
  return Buffer.concat([start, common(header), rest, Buffer.from(header.name), header.extra]);
}

function endRecord(entries: number, offset: number, size: number, end: RawEnd): Buffer {
  const record = Buffer.alloc(22);
  const comment = end.comment ?? Buffer.alloc(0);
  record.write('PK\x05\x06', 'latin1');
  record.writeUInt16LE(end.count ?? entries, 8);
  record.writeUInt16LE(end.count ?? entries, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  record.writeUInt16LE(comment.length, 20);
  return Buffer.concat([record, comment]);
}
