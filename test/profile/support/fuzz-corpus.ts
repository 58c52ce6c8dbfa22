import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBlock, readBlockEntries } from '../../../src/profile/leveldb/block.js';
import { readRecordLog } from '../../../src/profile/leveldb/record-log.js';
import { decodeBlockHandle, decodeFooter } from '../../../src/profile/leveldb/table-format.js';

const FIXTURE = join(import.meta.dirname, '../fixtures/local-storage');

export const FILES = ['MANIFEST-000001', '000003.ldb', '000004.log'] as const;
export type FuzzedFile = (typeof FILES)[number];

/** Real bytes of Chromium's, taken apart. */
export interface Corpus {
  folder: string;
  files: Record<FuzzedFile, Buffer>;
  /** Where the parts of each file begin. */
  boundaries: Record<FuzzedFile, number[]>;
  /** Blocks as they lie in the table, with their trailers. */
  storedBlocks: Uint8Array[];
  /** The same without compression. */
  blocks: Uint8Array[];
  /** The compressed ones. */
  snappy: Uint8Array[];
  batches: Uint8Array[];
  edits: Uint8Array[];
}

export async function readCorpus(): Promise<Corpus> {
  const read = FILES.map(async (name) => [name, await readFile(join(FIXTURE, name))] as const);
  const files = Object.fromEntries(await Promise.all(read)) as Corpus['files'];
  const table = files['000003.ldb'];
  const batches = readRecordLog(files['000004.log']).records;
  const edits = readRecordLog(files['MANIFEST-000001']).records;
  const handles = listBlocks(table);
  const storedBlocks = handles.map(({ offset, size }) => table.subarray(offset, offset + size + 5));
  return {
    folder: FIXTURE,
    files,
    boundaries: {
      'MANIFEST-000001': recordStarts(edits),
      '000004.log': recordStarts(batches),
      '000003.ldb': handles.flatMap(({ offset, size }) => [offset, offset + size]),
    },
    storedBlocks,
    blocks: storedBlocks.map(openBlock),
    snappy: storedBlocks
      .filter((block) => block.at(-5) === 1)
      .map((block) => block.subarray(0, -5)),
    batches,
    edits,
  };
}

/** In logs of less than a block. */
function recordStarts(records: Uint8Array[]): number[] {
  let at = 0;
  return [0, ...records.map((record) => (at += 7 + record.length))];
}

function listBlocks(table: Buffer) {
  const { index, metaIndex } = decodeFooter(table.subarray(-48));
  const stored = ({ offset, size } = index) => table.subarray(offset, offset + size + 5);
  const listed = [index, metaIndex].flatMap((handle) =>
    [...readBlockEntries(openBlock(stored(handle)))].map(({ value }) => decodeBlockHandle(value)),
  );
  return [...listed, metaIndex, index];
}
