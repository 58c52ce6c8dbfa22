import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBlock, readBlockEntries } from '../../../src/profile/leveldb/block.js';
import { LevelDBFormatError } from '../../../src/profile/leveldb/byte-reader.js';
import { checkDatabase } from '../../../src/profile/leveldb/check-database.js';
import { decodeInternalKey } from '../../../src/profile/leveldb/internal-key.js';
import { readEntries } from '../../../src/profile/leveldb/read-entries.js';
import { readRecordLog } from '../../../src/profile/leveldb/record-log.js';
import { decodeSnappy } from '../../../src/profile/leveldb/snappy.js';
import { trimDatabase } from '../../../src/profile/leveldb/trim-database.js';
import { replayVersionEdits } from '../../../src/profile/leveldb/version.js';
import { readWrites } from '../../../src/profile/leveldb/write-batch.js';
import { type Corpus, FILES, type FuzzedFile, readCorpus } from './fuzz-corpus.js';
import { mutate, Random } from './mutate.js';

/** One in so many inputs is a whole database on disk: a hundred times as slow as the others. */
const DATABASE_EVERY = 10;
/** No input takes longer, also on a busy machine: none is larger than 10 KiB. */
const PATIENCE_MS = 5_000;

/**
 * Gives `inputs` damaged inputs to the readers. Input n of seed s is input 0 of seed s + n: what
 * fails is thrown with the seed that replays it alone.
 *
 * @param dir an empty folder
 * @returns how many inputs came to what
 */
export async function fuzz(dir: string, seed: number, inputs: number) {
  const fuzzer = await Fuzzer.create(dir);
  const counts: Record<string, number> = {};
  for (let input = 0; input < inputs; input++) {
    const outcome = await fuzzer.run((seed + input) >>> 0);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

class Fuzzer {
  private constructor(
    private readonly dir: string,
    private readonly corpus: Corpus,
    /** The content after the tables and each number of batches of the log. */
    private readonly states: Set<string>,
    private readonly whole: string,
  ) {}

  static async create(dir: string): Promise<Fuzzer> {
    const corpus = await readCorpus();
    for (const name of [...FILES, 'CURRENT'])
      await copyFile(join(corpus.folder, name), join(dir, name));
    const whole = describeContent(await readEntries(dir));
    const states = new Set([whole]);
    for (const end of corpus.boundaries['000004.log']) {
      await writeFile(join(dir, '000004.log'), corpus.files['000004.log'].subarray(0, end));
      states.add(describeContent(await readEntries(dir)));
    }
    await writeFile(join(dir, '000004.log'), corpus.files['000004.log']);
    return new Fuzzer(dir, corpus, states, whole);
  }

  async run(seed: number): Promise<string> {
    const random = new Random(seed);
    const began = performance.now();
    let input: Buffer = Buffer.alloc(0);
    const damaged = (original: Uint8Array, boundaries: readonly number[] = []) => {
      const { storedBlocks, batches, edits } = this.corpus;
      input = mutate(original, random, boundaries, [...storedBlocks, ...batches, ...edits]);
      return input;
    };
    try {
      const outcome =
        random.below(DATABASE_EVERY) === 0
          ? await this.runDatabase(random, damaged)
          : this.runReader(random, damaged);
      const took = performance.now() - began;
      if (took > PATIENCE_MS) throw new Error(`it took ${took} ms`);
      return outcome;
    } catch (error) {
      const reason = error instanceof Error ? error.stack : error;
      throw new Error(
        `Fuzzing failed: ${reason}\nReplay: npm run test:fuzz -- --inputs 1 --seed ${seed}\n` +
          `Input (${input.length} bytes): ${input.toString('hex')}`,
      );
    }
  }

  /** Bytes in memory: read, or refused with the one error there is. */
  private runReader(random: Random, damaged: (original: Uint8Array) => Buffer): string {
    const { corpus } = this;
    const readers: Record<string, () => void> = {
      snappy: () => {
        const bytes = damaged(random.pick(corpus.snappy));
        requireThat(decodeSnappy(bytes).length <= bytes.length * 22, 'too much output');
      },
      'stored block': () => {
        const original = random.pick(corpus.storedBlocks);
        const block = openBlock(damaged(original));
        requireThat(Buffer.compare(block, openBlock(original)) === 0, 'another block passed');
      },
      'block entries': () => {
        const bytes = damaged(random.pick(corpus.blocks));
        let entries = 0;
        for (const { key } of readBlockEntries(bytes)) {
          entries += 1;
          decodeInternalKey(key);
        }
        requireThat(entries * 3 <= bytes.length, 'too many entries');
      },
      'write batch': () => {
        const bytes = damaged(random.pick(corpus.batches));
        let held = 0;
        for (const { key, value } of readWrites(bytes)) held += key.length + (value?.length ?? 0);
        requireThat(held <= bytes.length, 'more writes than bytes');
      },
      manifest: () => {
        replayVersionEdits([...corpus.edits, damaged(random.pick(corpus.edits))]);
      },
      'record log': () => {
        const name = random.pick(['MANIFEST-000001', '000004.log'] as const);
        requireConsistent(damaged(corpus.files[name]));
      },
    };
    const name = random.pick(Object.keys(readers));
    try {
      readers[name]?.();
      return `${name}: read`;
    } catch (error) {
      if (error instanceof LevelDBFormatError) return `${name}: refused`;
      throw error;
    }
  }

  /** A database with one damaged file: what is said to be whole is what it was. */
  private async runDatabase(
    random: Random,
    damaged: (original: Uint8Array, boundaries: readonly number[]) => Buffer,
  ): Promise<string> {
    const name = random.pick(FILES);
    const original = this.corpus.files[name];
    const bytes = damaged(original, this.corpus.boundaries[name]);
    const file = join(this.dir, name);
    await writeFile(file, bytes);
    try {
      const { state } = await checkDatabase(this.dir, { deep: true });
      if (state === 'damaged') return `${name}: damaged`;
      await trimDatabase(this.dir);
      const after = await checkDatabase(this.dir, { deep: true });
      requireThat(after.state === 'ok', `after trimming: ${JSON.stringify(after)}`);
      await this.requireKnownContent(name);
      return `${name}: ${state}`;
    } finally {
      await writeFile(file, original);
    }
  }

  private async requireKnownContent(name: FuzzedFile): Promise<void> {
    const content = describeContent(await readEntries(this.dir));
    const known = name === '000004.log' ? this.states : new Set([this.whole]);
    requireThat(known.has(content), 'said to be whole, with another content');
  }
}

function requireConsistent(bytes: Buffer): void {
  const { records, wholeEnd, tail } = readRecordLog(bytes);
  const held = records.reduce((sum, record) => sum + record.length, 0);
  requireThat(wholeEnd <= bytes.length && held <= wholeEnd, 'more records than bytes');
  const trimmed = readRecordLog(bytes.subarray(0, wholeEnd));
  requireThat(
    trimmed.tail === 'clean' && trimmed.wholeEnd === wholeEnd,
    'trimmed, it is not whole',
  );
  requireThat(trimmed.records.length === records.length, 'trimmed, it holds something else');
  if (tail === 'clean') requireThat(bytes.length - wholeEnd < 7, 'clean, but for its end');
}

function describeContent(entries: Map<string, Uint8Array>): string {
  return [...entries]
    .map(([key, value]) => `${key}=${Buffer.from(value).toString('latin1')}`)
    .join('\n');
}

function requireThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
