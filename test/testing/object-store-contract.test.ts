import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/errors.js';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import type { ByteRange, Cell, ListedObject } from '../../src/objects/object-store.js';
import { type ObjectStoreContractOptions, objectStoreContract } from '../../src/testing/index.js';

/** The names of the tests that a store does not pass. */
async function failuresOf(options: ObjectStoreContractOptions): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of objectStoreContract(options)) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

/** Wraps what `list` gives. */
abstract class ListingOtherwise extends MemoryObjects {
  abstract change(listed: ListedObject[], prefix: string): ListedObject[];
  override async *list(prefix: string): AsyncIterable<ListedObject> {
    const listed: ListedObject[] = [];
    for await (const object of super.list(prefix)) listed.push(object);
    yield* this.change(listed, prefix);
  }
}

const faulty: Record<string, [fault: new () => MemoryObjects, failed: string]> = {
  'takes a range to end with its last byte': [
    class extends MemoryObjects {
      override get(key: string, range?: ByteRange) {
        return super.get(key, range && { ...range, end: range.end + 1 });
      }
    },
    'get gives a range',
  ],
  'rejects a range past the end': [
    class extends MemoryObjects {
      override async get(key: string, range?: ByteRange) {
        const all = await super.get(key);
        if (range && all && range.start > all.length) throw new Error('416');
        return super.get(key, range);
      }
    },
    'get gives a range',
  ],
  'throws for an object that is not here': [
    class extends MemoryObjects {
      override async get(key: string, range?: ByteRange) {
        const got = await super.get(key, range);
        if (got === null) throw new Error('404');
        return got;
      }
    },
    'get gives null',
  ],
  'keeps text': [
    class extends MemoryObjects {
      override put(key: string, bytes: Uint8Array) {
        return super.put(key, Buffer.from(Buffer.from(bytes).toString()));
      }
    },
    'whatever they are',
  ],
  'takes an empty object for none': [
    class extends MemoryObjects {
      override async get(key: string, range?: ByteRange) {
        const got = await super.get(key, range);
        return got?.length === 0 ? null : got;
      }
    },
    'whatever they are',
  ],
  'refuses a second put': [
    class extends MemoryObjects {
      override async put(key: string, bytes: Uint8Array) {
        if ((await this.get(key)) !== null) throw new Error('412');
        return super.put(key, bytes);
      }
    },
    'put brings the same bytes again',
  ],
  'takes objects of any size': [
    class extends MemoryObjects {
      override put(key: string, bytes: Uint8Array) {
        return super.put(key, bytes.subarray(0, 8 * 1024 * 1024));
      }
    },
    'put keeps as much as 8 MiB',
  ],
  'keeps the memory of the caller': [
    class extends MemoryObjects {
      readonly #own = new Map<string, Uint8Array>();
      override async put(key: string, bytes: Uint8Array) {
        await super.put(key, bytes);
        this.#own.set(key, bytes);
      }
      override async get(key: string, range?: ByteRange) {
        if ((await super.get(key)) === null) return null;
        return range ? super.get(key, range) : (this.#own.get(key) ?? null);
      }
    },
    'share no memory',
  ],
  'rejects the deletion of what is not here': [
    class extends MemoryObjects {
      override async delete(keys: readonly string[]) {
        for (const key of keys) {
          const isHere = (await this.get(key)) ?? (await this.readCell(key));
          if (isHere === null) throw new Error('404');
          await super.delete([key]);
        }
      }
    },
    'one that is not here is no error',
  ],
  'does not tell capitals from small letters': [
    class extends MemoryObjects {
      override put(key: string, bytes: Uint8Array) {
        return super.put(key.toLowerCase(), bytes);
      }
      override get(key: string, range?: ByteRange) {
        return super.get(key.toLowerCase(), range);
      }
    },
    'keys that look alike are different objects',
  ],
  'takes any key': [
    class extends MemoryObjects {
      override async put(key: string, bytes: Uint8Array) {
        await super.put(key.replace(/^\/|\/$/g, '') || 'empty', bytes);
      }
    },
    'keys with other characters',
  ],
  'lists in the order of writing': [
    class extends ListingOtherwise {
      override change(listed: ListedObject[]) {
        return listed.reverse();
      }
    },
    'in the order of bytes',
  ],
  'lists in the order of a language': [
    class extends ListingOtherwise {
      override change(listed: ListedObject[]) {
        return listed.sort((one, other) => one.key.localeCompare(other.key));
      }
    },
    'in the order of bytes',
  ],
  'lists the first page only': [
    class extends ListingOtherwise {
      override change(listed: ListedObject[]) {
        return listed.slice(0, 1000);
      }
    },
    'list gives all of 2500 keys',
  ],
  'lists whole segments only': [
    class extends ListingOtherwise {
      override change(listed: ListedObject[], prefix: string) {
        return listed.filter(({ key }) => key.startsWith(prefix.replace(/[^/]$/, '$&/')));
      }
    },
    'list gives what begins with the prefix',
  ],
  'lists no cells': [
    class extends ListingOtherwise {
      override change(listed: ListedObject[]) {
        return listed.filter(({ key }) => !key.includes('cell'));
      }
    },
    'list gives what begins with the prefix',
  ],
  'has hashes of the content for versions': [
    class extends MemoryObjects {
      readonly #hash = (value: Uint8Array) => `"${Buffer.from(value).toString('hex')}"`;
      override async readCell(key: string): Promise<Cell | null> {
        const cell = await super.readCell(key);
        return cell && { ...cell, version: this.#hash(cell.value) };
      }
      override async swapCell(key: string, value: Uint8Array, expected: string | null) {
        const cell = await super.readCell(key);
        const isRight = cell !== null && this.#hash(cell.value) === expected;
        await super.swapCell(key, value, isRight ? cell.version : expected);
        return this.#hash(value);
      }
    },
    'an old version conflicts though the content has returned',
  ],
  'begins to count again after a deletion': [
    class extends MemoryObjects {
      #base = 0;
      #swaps = 0;
      readonly #versions = new Map<string, string>();
      override async readCell(key: string): Promise<Cell | null> {
        const cell = await super.readCell(key);
        return cell && { ...cell, version: `${this.#swaps - this.#base}` };
      }
      override async swapCell(key: string, value: Uint8Array, expected: string | null) {
        const own = this.#versions.get(`${key} ${expected}`) ?? expected;
        const version = await super.swapCell(key, value, own);
        this.#swaps += 1;
        this.#versions.set(`${key} ${this.#swaps - this.#base}`, version);
        return `${this.#swaps - this.#base}`;
      }
      override async delete(keys: readonly string[]) {
        this.#base = this.#swaps;
        await super.delete(keys);
      }
    },
    'made again it never has an old version',
  ],
  'looks and then writes': [
    class extends MemoryObjects {
      override async swapCell(key: string, value: Uint8Array, expected: string | null) {
        const cell = await super.readCell(key);
        await new Promise(setImmediate);
        if ((cell?.version ?? null) !== expected) return super.swapCell(key, value, expected);
        return super.swapCell(key, value, (await super.readCell(key))?.version ?? null);
      }
    },
    'of 20 swaps at once, one wins',
  ],
  'takes the same swap again for done': [
    class extends MemoryObjects {
      override async swapCell(key: string, value: Uint8Array, expected: string | null) {
        const cell = await super.readCell(key);
        if (cell && Buffer.from(cell.value).equals(value)) return cell.version;
        return super.swapCell(key, value, expected);
      }
    },
    'the swap again conflicts',
  ],
  'says conflict with an error of its own': [
    class extends MemoryObjects {
      override swapCell(key: string, value: Uint8Array, expected: string | null) {
        return super.swapCell(key, value, expected).catch(() => {
          throw new Error('changed by someone else');
        });
      }
    },
    'a swap from anything else conflicts',
  ],
  'takes an empty cell for none': [
    class extends MemoryObjects {
      override async readCell(key: string) {
        const cell = await super.readCell(key);
        return cell?.value.length === 0 ? null : cell;
      }
    },
    'a cell holds any bytes',
  ],
};

describe('the suite', () => {
  it.each(Object.entries(faulty))('fails a store that %s', async (_, [Faulty, failed]) => {
    const failures = await failuresOf({ create: () => new Faulty() });
    expect(failures).toContainEqual(expect.stringContaining(failed));
  });

  it('fails an instance that remembers what it read', async () => {
    class Remembering extends MemoryObjects {
      readonly #under: MemoryObjects;
      readonly #read = new Map<string, Uint8Array | null>();
      constructor(under: MemoryObjects) {
        super();
        this.#under = under;
      }
      override async get(key: string) {
        if (!this.#read.has(key)) this.#read.set(key, await this.#under.get(key));
        return this.#read.get(key) ?? null;
      }
      override list = (prefix: string) => this.#under.list(prefix);
      override put = (key: string, bytes: Uint8Array) => this.#under.put(key, bytes);
      override delete = (keys: readonly string[]) => this.#under.delete(keys);
      override readCell = (key: string) => this.#under.readCell(key);
      override swapCell = (key: string, value: Uint8Array, expected: string | null) =>
        this.#under.swapCell(key, value, expected);
    }
    const failures = await failuresOf({
      create: () => new MemoryObjects(),
      reopen: (store) => new Remembering(store as MemoryObjects),
    });
    expect(failures).toEqual(['what one instance has written, another reads at once']);
  });

  const unreachable = new HoldfastError('STORE_UNREACHABLE', 'Its connection is closed.');
  const answers: [answer: string, method: keyof MemoryObjects, wrong: unknown][] = [
    ['null for an object', 'get', null],
    ['that an object is kept', 'put', undefined],
    ['an empty list', 'list', []],
    ['that keys are deleted', 'delete', undefined],
    ['null for a cell', 'readCell', null],
    ['a conflict', 'swapCell', new HoldfastError('CELL_CONFLICT', 'Changed.')],
    ['an error without a code', 'get', new Error('ECONNREFUSED')],
  ];
  it.each([...answers, ['nothing wrong', null, null] as const])(
    'asks a store that cannot be asked, which answers %s',
    async (_, method, wrong) => {
      const failures = await failuresOf({
        create: () => new MemoryObjects(),
        breakStore: (store) => {
          for (const each of ['get', 'put', 'delete', 'readCell', 'swapCell', 'list'] as const) {
            const answer = each === method ? wrong : unreachable;
            const isError = answer instanceof Error;
            const call = async () => (isError ? Promise.reject(answer) : answer);
            const list = async function* () {
              if (isError) throw answer;
              yield* [];
            };
            Object.assign(store, { [each]: each === 'list' ? list : call });
          }
        },
      });
      const broken = 'a store that cannot be asked says so, and never that it is empty';
      expect(failures).toEqual(method === null ? [] : [broken]);
    },
  );

  it('disposes of every store at the end of its test, also of one that fails', async () => {
    const open = new Set<unknown>();
    const opened = <T>(store: T): T => {
      open.add(store);
      return store;
    };
    const failures = await failuresOf({
      create: () => opened(new MemoryObjects()),
      // Not on the place of the first, so it sees nothing.
      reopen: () => opened(new MemoryObjects()),
      dispose: (store) => void open.delete(store),
    });
    expect(failures.length).toBeGreaterThan(1);
    expect(open.size).toBe(0);
  });
});
