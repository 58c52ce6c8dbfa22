import { type FileHandle, open } from 'node:fs/promises';
import { BLOCK_TRAILER_SIZE, type BlockEntry, openBlock, readBlockEntries } from './block.js';
import { LevelDBFormatError } from './byte-reader.js';
import {
  type BlockHandle,
  decodeBlockHandle,
  decodeFooter,
  FOOTER_SIZE,
  type Footer,
} from './table-format.js';

/**
 * How much is read, verified and unfolded in one go: some milliseconds of work, so that the event
 * loop is never held up for long. LevelDB's blocks have about 4 KiB.
 */
const SPAN_BYTES = 128 * 1024;

/** Values above 64 KiB lie outside IndexedDB's tables, and an origin's localStorage has 10 MiB. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

/**
 * An open table. What is wrong with it is thrown as {@link LevelDBFormatError}, whose message is a
 * predicate of the table; errors of the file system are thrown as they are.
 */
export class Table {
  private constructor(
    private readonly file: FileHandle,
    private readonly blocksEnd: number,
    private readonly footer: Footer,
  ) {}

  /** Opens a table, looking at its size and footer only. */
  static async open(path: string, size: number): Promise<Table> {
    const file = await open(path, 'r');
    try {
      const actual = (await file.stat()).size;
      if (actual !== size) {
        throw new LevelDBFormatError(`is ${actual} bytes long, the manifest says ${size}`);
      }
      const blocksEnd = size - FOOTER_SIZE;
      if (blocksEnd < 0) throw new LevelDBFormatError('is too short to be a table');
      const footer = decodeFooter(await readRange(file, blocksEnd, FOOTER_SIZE));
      return new Table(file, blocksEnd, footer);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** Hands each entry, whose key is an internal one, to `use`. */
  async forEachEntry(use: (entry: BlockEntry) => void): Promise<void> {
    await this.forEachBlock(await this.readIndex(this.footer.index), (block) => {
      for (const entry of readBlockEntries(block)) use(entry);
    });
  }

  /** Verifies the blocks that hold something else than entries, such as filters. */
  async verifyMetaBlocks(): Promise<void> {
    await this.forEachBlock(await this.readIndex(this.footer.metaIndex), () => undefined);
  }

  private async readIndex(index: BlockHandle): Promise<BlockHandle[]> {
    const handles: BlockHandle[] = [];
    await this.forEachBlock([index], (block) => {
      for (const { value } of readBlockEntries(block)) handles.push(decodeBlockHandle(value));
    });
    return handles;
  }

  private async forEachBlock(
    handles: BlockHandle[],
    use: (block: Uint8Array) => void,
  ): Promise<void> {
    for (const span of this.spansOf(handles)) {
      const bytes = await readRange(this.file, span.offset, span.size);
      for (const { offset, size } of span.blocks) {
        const start = offset - span.offset;
        try {
          use(openBlock(bytes.subarray(start, start + size + BLOCK_TRAILER_SIZE)));
        } catch (error) {
          if (!(error instanceof LevelDBFormatError)) throw error;
          throw new LevelDBFormatError(
            `is damaged in its block at byte ${offset}: ${error.message}`,
          );
        }
      }
    }
  }

  /** Neighbours are read together. Blocks that overlap could make a small table take for ever. */
  private *spansOf(handles: BlockHandle[]): Generator<Span> {
    let span: Span | undefined;
    let last = 0;
    for (const block of handles) {
      const { offset, size } = block;
      const end = offset + size + BLOCK_TRAILER_SIZE;
      if (end > this.blocksEnd) throw new LevelDBFormatError(`has a block behind its end`);
      if (offset < last) throw new LevelDBFormatError(`has blocks that overlap at byte ${offset}`);
      if (size > MAX_BLOCK_BYTES) {
        throw new LevelDBFormatError(`has a block of ${size} bytes at byte ${offset}`);
      }
      last = end;
      if (span && end - span.offset > SPAN_BYTES) {
        yield span;
        span = undefined;
      }
      span ??= { offset, size: 0, blocks: [] };
      span.blocks.push(block);
      span.size = end - span.offset;
    }
    if (span) yield span;
  }
}

interface Span {
  offset: number;
  /** With the trailer of its last block. */
  size: number;
  blocks: BlockHandle[];
}

async function readRange(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let read = 0; read < length; ) {
    const { bytesRead } = await file.read(bytes, read, length - read, offset + read);
    if (bytesRead === 0) throw new LevelDBFormatError('ends while it is read');
    read += bytesRead;
  }
  return bytes;
}
