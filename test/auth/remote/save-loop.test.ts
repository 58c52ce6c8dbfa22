import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SaveLoop, type SaveReason } from '../../../src/auth/remote/save-loop.js';
import { HoldfastError } from '../../../src/errors.js';

const INTERVAL_MS = 1000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A loop whose saves take some time; the moments at which they began, and what was told. */
function startLoop(saveMs: number, fails: (nth: number) => Error | null = () => null) {
  const began: number[] = [];
  const reasons: SaveReason[] = [];
  const failures: (number | null)[] = [];
  let running = 0;
  let most = 0;
  const loop = new SaveLoop({
    intervalMs: INTERVAL_MS,
    async save(reason) {
      began.push(performance.now());
      reasons.push(reason);
      most = Math.max(most, ++running);
      await new Promise((resolve) => {
        if (Number.isFinite(saveMs)) setTimeout(resolve, saveMs);
      });
      running--;
      const error = fails(began.length);
      if (error !== null) throw error;
      return null;
    },
    onSaved: () => undefined,
    onFailed: (_, nextTryMs) => failures.push(nextTryMs),
  });
  loop.start();
  return { loop, began, reasons, failures, most: () => most };
}

const gaps = (moments: number[]) => moments.slice(1).map((at, n) => at - (moments[n] ?? 0));
const away = () => new HoldfastError('STORE_UNREACHABLE', 'away', { transient: true });

describe('the loop of saves', () => {
  it('saves at once, and then from beginning to beginning an interval passes', async () => {
    const { began, reasons } = startLoop(300);
    expect(began).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(gaps(began)).toEqual([INTERVAL_MS, INTERVAL_MS, INTERVAL_MS, INTERVAL_MS, INTERVAL_MS]);
    expect(reasons.slice(0, 3)).toEqual(['ready', 'changed', 'changed']);
  });

  it('never saves two at once, also when a save takes longer than the interval', async () => {
    const { began, most } = startLoop(2.5 * INTERVAL_MS);
    await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS);
    expect(most()).toBe(1);
    for (const gap of gaps(began)) expect(gap).toBeGreaterThan(2.5 * INTERVAL_MS);
  });

  it('is started by the first of several calls', async () => {
    const { loop, began } = startLoop(300);
    loop.start();
    await vi.advanceTimersByTimeAsync(INTERVAL_MS / 2);
    loop.start();
    expect(began).toHaveLength(1);
  });

  it('tries again what failed, with growing pauses that have an end, until it works', async () => {
    const { began, failures, reasons } = startLoop(0, (nth) => (nth <= 12 ? away() : null));
    await vi.advanceTimersByTimeAsync(80_000);
    expect(failures).toHaveLength(12);
    expect(failures[0]).toBeLessThanOrEqual(625);
    expect(Math.max(...failures.map(Number))).toBeLessThanOrEqual(6250);
    expect(new Set(failures).size).toBeGreaterThan(6);
    // The first save is the first one until it has been made.
    expect(reasons.slice(0, 13)).toEqual(Array.from({ length: 13 }, () => 'ready'));
    expect(gaps(began).at(-1)).toBe(INTERVAL_MS);
  });

  it('stops once the save under way is over', async () => {
    const { loop, began } = startLoop(300);
    let isStopped = false;
    const stopped = loop.stop().then(() => {
      isStopped = true;
    });
    await vi.advanceTimersByTimeAsync(299);
    expect(isStopped).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(began).toHaveLength(1);
  });

  it('ends with a save that is tried for a while, but not when trying is of no use', async () => {
    const patient = startLoop(0, (nth) => (nth > 1 && nth < 5 ? away() : null));
    await vi.advanceTimersByTimeAsync(0);
    const finished = patient.loop.finish(10_000);
    await vi.advanceTimersByTimeAsync(10_000);
    await finished;
    expect(patient.reasons).toEqual(['ready', 'closed', 'closed', 'closed', 'closed']);

    const useless = startLoop(0, (nth) =>
      nth > 1 ? new HoldfastError('PROFILE_DAMAGED', 'damaged') : null,
    );
    await vi.advanceTimersByTimeAsync(0);
    const given = useless.loop.finish(10_000);
    await vi.advanceTimersByTimeAsync(10_000);
    await given;
    expect(useless.failures).toEqual([null]);
  });

  it('does not wait for ever for a store that never answers', async () => {
    const { loop, failures } = startLoop(Number.POSITIVE_INFINITY);
    const finished = loop.finish(10_000);
    await vi.advanceTimersByTimeAsync(60_000);
    await finished;
    expect(failures).toEqual([null]);
  });
});
