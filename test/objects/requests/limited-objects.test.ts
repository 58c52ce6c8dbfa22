import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/errors.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type { Cell } from '../../../src/objects/object-store.js';
import { limitRequests } from '../../../src/objects/requests/limit-requests.js';
import { objectStoreContract } from '../../../src/testing/index.js';
import { rejection } from '../../snapshot/support/sessions.js';

describe('the contract behind the limits', () => {
  const create = () => limitRequests(new MemoryObjects(), { bytesPerSecond: 1e9 });
  for (const { name, run } of objectStoreContract({ create })) it(name, run);
});

/** Answers nothing until it is let. */
class WaitingObjects extends MemoryObjects {
  readonly asked: string[] = [];
  readonly signals: (AbortSignal | undefined)[] = [];
  readonly #waiting: (() => void)[] = [];

  override async get(key: string, _range?: unknown, signal?: AbortSignal): Promise<null> {
    await this.#wait(key, signal);
    return null;
  }

  override async readCell(key: string, signal?: AbortSignal): Promise<Cell | null> {
    await this.#wait(key, signal);
    return null;
  }

  async answerNext(): Promise<void> {
    this.#waiting.shift()?.();
    await nextTurn();
  }

  #wait(key: string, signal: AbortSignal | undefined): Promise<void> {
    this.asked.push(key);
    this.signals.push(signal);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('a request that is not answered', () => {
  it('is given up in time with an error that may pass, and the backend is told', async () => {
    const backend = new WaitingObjects();
    const store = limitRequests(backend, { timeoutMs: 20, attempts: 1 });
    const error = await rejection(store.readCell('heads/RemoteAuth'));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.message).toContain('reading heads/RemoteAuth');
    expect(backend.signals[0]?.aborted).toBe(true);
  });

  it('is given up at once when its caller gives it up', async () => {
    const giveUp = new AbortController();
    const reading = limitRequests(new WaitingObjects(), {}).get('a', undefined, giveUp.signal);
    giveUp.abort(new Error('not wanted any more'));
    await expect(reading).rejects.toThrow('not wanted any more');
  });

  it('is given more time for more bytes', async () => {
    const backend = new WaitingObjects();
    const store = limitRequests(backend, { timeoutMs: 1, attempts: 1 });
    // 640 KiB take ten seconds on the slowest line that is put up with.
    const large = store.get('large', { start: 0, end: 640 * 1024 });
    await rejection(store.get('small', { start: 0, end: 1 }));
    expect(backend.signals.map((signal) => signal?.aborted)).toEqual([false, true]);
    await backend.answerNext();
    expect(await large).toBe(null);
  });
});

describe('requests under way', () => {
  it('are so many at most, and cells come before objects', async () => {
    const backend = new WaitingObjects();
    const store = limitRequests(backend, { atOnce: 2 });
    const all = [
      ...['a', 'b', 'c', 'd'].map((key) => store.get(key)),
      ...['lease', 'head'].map((key) => store.readCell(key)),
    ];
    await nextTurn();
    expect(backend.asked).toEqual(['a', 'b']);
    await backend.answerNext();
    expect(backend.asked).toEqual(['a', 'b', 'lease']);
    for (let answers = 0; answers < 5; answers++) await backend.answerNext();
    expect(backend.asked).toEqual(['a', 'b', 'lease', 'head', 'c', 'd']);
    await Promise.all(all);
  });

  it('let the next one through when one fails', async () => {
    const backend = new MemoryObjects();
    const store = limitRequests(backend, { atOnce: 1 });
    await rejection(store.get('not a key'));
    expect(await store.get('key')).toBe(null);
  });
});

describe('bytes per second', () => {
  it('are kept on average, and cells do not wait for them', async () => {
    const store = limitRequests(new MemoryObjects(), { bytesPerSecond: 50_000 });
    const done: string[] = [];
    const startedAt = performance.now();
    const put = async (key: string) => {
      await store.put(key, new Uint8Array(10_000));
      done.push(key);
    };
    const puts = ['a', 'b', 'c'].map(put);
    await store.swapCell('cell', new Uint8Array(10), null);
    done.push('cell');
    await Promise.all(puts);
    expect(done.slice(-2)).toEqual(['b', 'c']);
    expect(done.slice(0, 2).sort()).toEqual(['a', 'cell']);
    // The third is sent when the first two are paid for.
    expect(performance.now() - startedAt).toBeGreaterThan(395);
  });
});

describe('limits that cannot be', () => {
  for (const limits of [{ atOnce: 0 }, { timeoutMs: -1 }, { attempts: 1.5 }, { retries: 3 }]) {
    it(JSON.stringify(limits), () => {
      expect(() => limitRequests(new MemoryObjects(), limits)).toThrow(HoldfastError);
    });
  }
});
