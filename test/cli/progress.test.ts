import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.js';

let shown: string;
let out: NodeJS.WriteStream;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  shown = '';
  const stream = new PassThrough();
  stream.on('data', (data) => {
    shown += data;
  });
  out = Object.assign(stream, { isTTY: true }) as unknown as NodeJS.WriteStream;
});
afterEach(() => {
  vi.useRealTimers();
});

test('what takes less than a second shows no bar', () => {
  const progress = new Progress({ isSilent: false, out });
  progress.update('Restoring', { done: 0, total: 100 });
  vi.advanceTimersByTime(900);
  progress.update('Restoring', { done: 90, total: 100 });
  progress.close();
  expect(shown).toBe('');
});

test('what takes longer shows how far it is and how long it still takes, and is wiped', () => {
  const progress = new Progress({ isSilent: false, out });
  progress.update('Restoring', { done: 0, total: 100e6 });
  vi.advanceTimersByTime(2000);
  progress.update('Restoring', { done: 50e6, total: 100e6 });
  expect(shown).toContain('Restoring [############------------] 50 %, 25.0 MB/s, 2.0 s left');
  progress.close();
  expect(shown.endsWith('\r\x1b[K')).toBe(true);
});

test.each([
  ['with --json', { isSilent: true, isTTY: true }],
  ['where nobody sees it', { isSilent: false, isTTY: false }],
])('nothing is shown %s', (_when, { isSilent, isTTY }) => {
  Object.assign(out, { isTTY });
  const progress = new Progress({ isSilent, out });
  progress.update('Saving', { done: 0, total: 2 });
  vi.advanceTimersByTime(5000);
  progress.update('Saving', { done: 1, total: 2 });
  progress.close();
  expect(shown).toBe('');
});

test('a note is for scripts too, but not in JSON', () => {
  Object.assign(out, { isTTY: false });
  new Progress({ isSilent: false, out }).note('Watching.');
  new Progress({ isSilent: true, out }).note('Not shown.');
  expect(shown).toBe('Watching.\n');
});
