import { setTimeout as sleep } from 'node:timers/promises';
import { holdfast } from '../../bench/built.js';
import type { ByteRange, Cell, ListedObject, ObjectStore } from '../../src/objects/object-store.js';
import { Random } from '../random.js';
import type { Halt, RequestKind, StoreState } from './messages.js';

const DELAY_MS = 300;

export interface ChaoticStoreOptions {
  seed: string;
  state: StoreState;
  halt: Halt | null;
  /** Told when the request was reached at which to halt; it goes on when the promise resolves. */
  onHalt(): Promise<void>;
}

/** A store that fails at random, and that halts at one request so that a blow can fall there. */
export class ChaoticStore implements ObjectStore {
  readonly defaultSaveIntervalMs: number | undefined;
  state: StoreState;
  readonly #inner: ObjectStore;
  readonly #options: ChaoticStoreOptions;
  readonly #random: Random;
  #halt: Halt | null = null;
  #left = 0;

  constructor(inner: ObjectStore, options: ChaoticStoreOptions) {
    this.#inner = inner;
    this.#options = options;
    this.state = options.state;
    this.#random = new Random(options.seed);
    this.defaultSaveIntervalMs = inner.defaultSaveIntervalMs;
    this.haltAt(options.halt);
  }

  haltAt(halt: Halt | null): void {
    this.#halt = halt;
    this.#left = halt?.nth ?? 0;
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    return this.#request('get', () => this.#inner.get(key, range));
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    return this.#request('put', () => this.#inner.put(key, bytes));
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    yield* await this.#request('list', async () => {
      const listed: ListedObject[] = [];
      for await (const object of this.#inner.list(prefix)) listed.push(object);
      return listed;
    });
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#request('delete', () => this.#inner.delete(keys));
  }

  readCell(key: string): Promise<Cell | null> {
    return this.#request('read-cell', () => this.#inner.readCell(key));
  }

  swapCell(key: string, value: Uint8Array, expectedVersion: string | null): Promise<string> {
    const work = () => this.#inner.swapCell(key, value, expectedVersion);
    return this.#request(swapKind(key), work);
  }

  async #request<T>(kind: RequestKind, work: () => Promise<T>): Promise<T> {
    const halt = this.#reached(kind);
    if (halt?.when === 'before') await this.#options.onHalt();
    const fate = this.#fate();
    if (fate === 'slow') await sleep(this.#random.next() * DELAY_MS);
    if (fate === 'lost-request') throw unreachable(kind);
    const result = await work();
    if (halt?.when === 'after') await this.#options.onHalt();
    if (fate === 'lost-answer') throw unreachable(kind);
    return result;
  }

  #reached(kind: RequestKind): Halt | null {
    if (this.#halt?.kind !== kind || --this.#left > 0) return null;
    const halt = this.#halt;
    this.#halt = null;
    return halt;
  }

  #fate(): 'well' | 'slow' | 'lost-request' | 'lost-answer' {
    const { isAway, faults } = this.state;
    if (isAway) return 'lost-request';
    if (faults === null) return 'well';
    const drawn = this.#random.next();
    if (drawn < faults.failing / 2) return 'lost-request';
    if (drawn < faults.failing) return 'lost-answer';
    return drawn < faults.failing + faults.slow ? 'slow' : 'well';
  }
}

function swapKind(key: string): RequestKind {
  if (key.startsWith('heads/')) return 'swap-head';
  return key.startsWith('workers/') ? 'swap-worker' : 'swap-key';
}

function unreachable(kind: RequestKind): Error {
  const { HoldfastError } = holdfast;
  return new HoldfastError('STORE_UNREACHABLE', `The store is made to fail (${kind}).`, {
    transient: true,
  });
}
