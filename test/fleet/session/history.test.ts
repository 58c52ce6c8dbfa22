import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { History, historyKey, readHistory } from '../../../src/fleet/session/history.js';
import type { Happening } from '../../../src/fleet/session-view.js';
import { WrappedStore } from '../../snapshot/support/wrapped-store.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const state = (detail: string | null = null): Happening => ({
  at: new Date().toISOString(),
  what: 'state',
  state: 'ready',
  worker: 'http://here',
  detail,
});
const saved = (sequence: number): Happening => ({
  at: new Date().toISOString(),
  what: 'saved',
  sequence,
  bytesSent: 1,
  durationMs: 1,
  size: 1,
});

it('is in the store seconds after a change of state, and a minute after saves', async () => {
  const store = new WrappedStore();
  const swaps = () => store.take().filter(({ kind }) => kind === 'swapCell').length;
  const history = new History(store, 's1');
  history.add(state());
  history.add(state());
  await vi.advanceTimersByTimeAsync(2_000);
  expect(swaps()).toBe(1);
  for (let second = 0; second < 59; second++) {
    history.add(saved(second));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(swaps()).toBe(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(swaps()).toBe(1);
  expect(await readHistory(store, 's1')).toEqual(history.happenings);
});

it('a store that fails disturbs nothing, and gets it later; what others noted stays', async () => {
  const store = new WrappedStore();
  const former = new History(store, 's1');
  former.add(state('by the former holder'));
  await former.close();
  const history = new History(store, 's1');
  store.fault = () => 'fail';
  await expect(history.load()).rejects.toBeInstanceOf(Error);
  history.add(state('here'));
  await vi.advanceTimersByTimeAsync(10_000);
  store.fault = () => null;
  await vi.advanceTimersByTimeAsync(60_000);
  const details = (await readHistory(store, 's1')).map((it) => it.what === 'state' && it.detail);
  expect(details).toEqual(['by the former holder', 'here']);
  store.fault = () => 'fail';
  history.add(state());
  await history.close();
  expect(vi.getTimerCount()).toBe(0);
});

it('keeps the last 200, and leaves old saves out first when they do not fit', async () => {
  const store = new WrappedStore();
  const history = new History(store, 's1');
  for (let at = 0; at < 150; at++) history.add(saved(at));
  for (let at = 0; at < 100; at++) history.add(state('x'.repeat(500)));
  expect(history.happenings).toHaveLength(200);
  await history.close();
  const kept = await readHistory(store, 's1');
  expect(kept.filter(({ what }) => what === 'state')).toHaveLength(100);
  const saves = kept.filter(({ what }) => what === 'saved');
  expect(saves.length).toBeGreaterThan(0);
  expect(saves.length).toBeLessThan(100);
  expect(saves.at(-1)).toMatchObject({ sequence: 149 });
});

it('one that cannot be understood is none, and is written anew', async () => {
  const store = new WrappedStore();
  await store.swapCell(historyKey('s1'), Buffer.from('{"happenings":7}'), null);
  expect(await readHistory(store, 's1')).toEqual([]);
  const history = new History(store, 's1');
  history.add(state());
  await history.close();
  expect(await readHistory(store, 's1')).toHaveLength(1);
});
