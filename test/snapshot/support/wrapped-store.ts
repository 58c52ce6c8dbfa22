import { HoldfastError } from '../../../src/errors.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type {
  ByteRange,
  Cell,
  ListedObject,
  ObjectStore,
} from '../../../src/objects/object-store.js';

export type RequestKind = 'get' | 'put' | 'list' | 'delete' | 'readCell' | 'swapCell';

export interface StoreRequest {
  kind: RequestKind;
  key: string;
  bytes: number;
}

/** What is to become of a request: null as usual, `lost` it happens but the answer is an error. */
export type Fault = null | 'fail' | 'lost';

/** Notes every request to a store in memory, and lets some of them fail. */
export class WrappedStore implements ObjectStore {
  readonly requests: StoreRequest[] = [];
  fault: (request: StoreRequest) => Fault = () => null;

  constructor(readonly inner: ObjectStore = new MemoryObjects()) {}

  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const bytes = range ? range.end - range.start : 0;
    return this.#request({ kind: 'get', key, bytes }, () => this.inner.get(key, range));
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    return this.#request({ kind: 'put', key, bytes: bytes.length }, () =>
      this.inner.put(key, bytes),
    );
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    yield* await this.#request({ kind: 'list', key: prefix, bytes: 0 }, async () => {
      const listed: ListedObject[] = [];
      for await (const each of this.inner.list(prefix)) listed.push(each);
      return listed;
    });
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#request({ kind: 'delete', key: keys.join(' '), bytes: 0 }, () =>
      this.inner.delete(keys),
    );
  }

  readCell(key: string): Promise<Cell | null> {
    return this.#request({ kind: 'readCell', key, bytes: 0 }, () => this.inner.readCell(key));
  }

  swapCell(key: string, value: Uint8Array, expectedVersion: string | null): Promise<string> {
    return this.#request({ kind: 'swapCell', key, bytes: value.length }, () =>
      this.inner.swapCell(key, value, expectedVersion),
    );
  }

  /** The kinds of the requests since the last call, in their order. */
  takeKinds(): RequestKind[] {
    return this.take().map(({ kind }) => kind);
  }

  take(): StoreRequest[] {
    return this.requests.splice(0);
  }

  /** Lets the n-th request from now on fail, counted from 0, and every later one if `andLater`. */
  failAt(n: number, fault: Exclude<Fault, null> = 'fail', andLater = false): void {
    let count = 0;
    this.fault = () => {
      const at = count++;
      return at === n || (andLater && at > n) ? fault : null;
    };
  }

  heal(): void {
    this.fault = () => null;
  }

  async #request<T>(request: StoreRequest, run: () => Promise<T>): Promise<T> {
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault === 'fail') throw unreachable(request);
    const result = await run();
    if (fault === 'lost') throw unreachable(request);
    return result;
  }
}

function unreachable({ kind, key }: StoreRequest): HoldfastError {
  return new HoldfastError('STORE_UNREACHABLE', `injected: ${kind} ${key}`, { transient: true });
}

/** Everything that is in a store, as it is there. */
export async function contentsOf(store: ObjectStore): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for await (const { key } of store.list('')) {
    const bytes = (await store.get(key)) ?? (await store.readCell(key))?.value;
    if (bytes) contents.set(key, bytes);
  }
  return contents;
}

/** A store with this content; what begins with `packs/` are objects, the rest cells. */
export async function storeOf(
  contents: Iterable<readonly [string, Uint8Array]>,
): Promise<MemoryObjects> {
  const store = new MemoryObjects();
  for (const [key, bytes] of contents) {
    if (key.startsWith('packs/')) await store.put(key, bytes);
    else await store.swapCell(key, bytes, null);
  }
  return store;
}

/** The bytes of all packs. */
export async function packBytes(store: ObjectStore): Promise<number> {
  let sum = 0;
  for await (const { size } of store.list('packs/')) sum += size;
  return sum;
}

export async function packNames(store: ObjectStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of store.list('packs/')) names.push(key.split('/')[2] ?? '');
  return names;
}
