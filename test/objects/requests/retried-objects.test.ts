import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/errors.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type { ListedObject } from '../../../src/objects/object-store.js';
import { limitRequests } from '../../../src/objects/requests/limit-requests.js';
import { rejection } from '../../snapshot/support/sessions.js';

const away = () =>
  new HoldfastError('STORE_UNREACHABLE', 'The connection was lost.', { transient: true });

const value = (text: string) => new TextEncoder().encode(text);

/** Fails where it is told to. */
class FailingObjects extends MemoryObjects {
  readonly calls: string[] = [];
  /** Before or after the swap is done. */
  swapFaults: ('before' | 'after' | null)[] = [];
  getFaults: unknown[] = [];
  listFaultsAfter: number[] = [];
  afterSwap: () => Promise<unknown> = async () => undefined;

  override async get(key: string): Promise<Uint8Array | null> {
    this.calls.push(`get ${key}`);
    const fault = this.getFaults.shift();
    if (fault) throw fault;
    return super.get(key);
  }

  override async *list(prefix: string): AsyncIterable<ListedObject> {
    let left = this.listFaultsAfter.shift() ?? Number.POSITIVE_INFINITY;
    for await (const listed of super.list(prefix)) {
      if (left-- === 0) throw away();
      yield listed;
    }
  }

  override async swapCell(key: string, bytes: Uint8Array, expected: string | null) {
    this.calls.push(`swap ${key}`);
    const fault = this.swapFaults.shift();
    if (fault === 'before') throw away();
    const version = await super.swapCell(key, bytes, expected);
    if (fault !== 'after') return version;
    await this.afterSwap();
    throw away();
  }
}

describe('a request whose failure may pass', () => {
  it('is made again until it succeeds', async () => {
    const backend = new FailingObjects();
    await backend.put('key', value('here'));
    backend.getFaults = [away(), away()];
    expect(await limitRequests(backend, {}).get('key')).toEqual(value('here'));
    expect(backend.calls).toHaveLength(3);
  });

  it('is made so often, and then its own error is told', async () => {
    const backend = new FailingObjects();
    const last = away();
    backend.getFaults = [away(), last, away()];
    expect(await rejection(limitRequests(backend, { attempts: 2 }).get('key'))).toBe(last);
  });

  it('is not made again long after the first time', async () => {
    const backend = new FailingObjects();
    backend.getFaults = [away(), away(), away()];
    await rejection(limitRequests(backend, { timeoutMs: 100, attempts: 100 }).get('key'));
    expect(backend.calls.length).toBeLessThan(4);
  });

  it('is not made again once its caller has given it up', async () => {
    const backend = new FailingObjects();
    backend.getFaults = [away()];
    const giveUp = new AbortController();
    const reading = limitRequests(backend, {}).get('key', undefined, giveUp.signal);
    await new Promise((resolve) => setImmediate(resolve));
    giveUp.abort();
    await expect(reading).rejects.toThrow();
    expect(backend.calls).toHaveLength(1);
  });

  for (const fault of [new HoldfastError('STORE_UNUSABLE', 'No.'), new TypeError('a bug')]) {
    it(`else is told at once: ${fault.message}`, async () => {
      const backend = new FailingObjects();
      backend.getFaults = [fault];
      await expect(limitRequests(backend, {}).get('key')).rejects.toBe(fault);
      expect(backend.calls).toHaveLength(1);
    });
  }
});

describe('a list that breaks off', () => {
  it('goes on behind the last key that was told', async () => {
    const backend = new FailingObjects();
    for (const key of ['a', 'a/b', 'b', 'c', 'd']) await backend.put(key, value(key));
    backend.listFaultsAfter = [2, 3, 0];
    const keys: string[] = [];
    for await (const { key } of limitRequests(backend, {}).list('')) keys.push(key);
    expect(keys).toEqual(['a', 'a/b', 'b', 'c', 'd']);
  });
});

describe('a swap', () => {
  it('that has not arrived is made again', async () => {
    const backend = new FailingObjects();
    backend.swapFaults = ['before', 'before'];
    const version = await limitRequests(backend, {}).swapCell('cell', value('mine'), null);
    expect(await backend.readCell('cell')).toEqual({ value: value('mine'), version });
  });

  it('whose answer is lost is recognised as our own', async () => {
    const backend = new FailingObjects();
    const first = await backend.swapCell('cell', value('first'), null);
    backend.swapFaults = ['after'];
    const version = await limitRequests(backend, {}).swapCell('cell', value('mine'), first);
    expect(await backend.readCell('cell')).toEqual({ value: value('mine'), version });
  });

  it('whose answer is lost conflicts when somebody else has changed the cell since', async () => {
    const backend = new FailingObjects();
    backend.swapFaults = ['after'];
    backend.afterSwap = async () => {
      const cell = await backend.readCell('cell');
      await backend.swapCell('cell', value('theirs'), cell?.version ?? null);
    };
    const swap = limitRequests(backend, {}).swapCell('cell', value('mine'), null);
    expect(await rejection(swap)).toMatchObject({ code: 'CELL_CONFLICT' });
    expect((await backend.readCell('cell'))?.value).toEqual(value('theirs'));
  });

  it('that conflicts is not made again, nor is the cell read', async () => {
    const backend = new FailingObjects();
    const swap = limitRequests(backend, {}).swapCell('cell', value('mine'), 'another');
    expect(await rejection(swap)).toMatchObject({ code: 'CELL_CONFLICT' });
    expect(backend.calls).toEqual(['swap cell']);
  });

  it('is made with the value of the moment it was asked for', async () => {
    const backend = new FailingObjects();
    backend.swapFaults = ['before'];
    const bytes = value('mine');
    const swapping = limitRequests(backend, {}).swapCell('cell', bytes, null);
    bytes.fill(0);
    await swapping;
    expect((await backend.readCell('cell'))?.value).toEqual(value('mine'));
  });
});
