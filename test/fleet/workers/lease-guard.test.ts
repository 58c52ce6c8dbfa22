import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LeaseGuard } from '../../../src/fleet/workers/lease-guard.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('has all closed at 0.6 of the term, what is left killed at 0.85, and started again', async () => {
  let renewedAt = Date.now();
  const said: [what: string, atMs: number][] = [];
  const say = (what: string) => () => said.push([what, Date.now() - renewedAt]);
  const guard = new LeaseGuard({
    termMs: 10_000,
    msSinceRenewal: () => Date.now() - renewedAt,
    onClose: say('close'),
    onKill: say('kill'),
    onRenewed: say('renewed'),
  });
  await vi.advanceTimersByTimeAsync(4_000);
  renewedAt = Date.now();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(said).toEqual([
    ['close', 6_000],
    ['kill', 8_500],
  ]);
  expect(guard.hasClosed).toBe(true);
  renewedAt = Date.now();
  await vi.advanceTimersByTimeAsync(7_000);
  expect(said.slice(2)).toEqual([
    ['renewed', 500],
    ['close', 6_000],
  ]);
  guard.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('a process that stood still is given the time to renew', async () => {
  let since = 0;
  const said: string[] = [];
  const guard = new LeaseGuard({
    termMs: 10_000,
    msSinceRenewal: () => since,
    onClose: () => said.push('close'),
    onKill: () => said.push('kill'),
    onRenewed: () => said.push('renewed'),
  });
  await vi.advanceTimersByTimeAsync(1_000);
  since = 9_000;
  await vi.advanceTimersByTimeAsync(500);
  since = 100;
  await vi.advanceTimersByTimeAsync(500);
  expect(said).toEqual([]);
  since = 9_000;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(said).toEqual(['close', 'kill']);
  guard.stop();
});
