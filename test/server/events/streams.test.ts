import { afterEach, expect, test, vi } from 'vitest';
import { OpenStreams } from '../../../src/server/events/open-streams.js';
import { SseStream, sseText } from '../../../src/server/events/sse-stream.js';

afterEach(() => {
  vi.useRealTimers();
});

/** What comes next of a stream, as text. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  return Buffer.from((await reader.read()).value ?? []).toString();
}

function readerOf({ response }: SseStream): ReadableStreamDefaultReader<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('there is no stream');
  return reader;
}

test('who reads too slowly is told everything anew, once, and goes on from there', async () => {
  let state = 1;
  const stream = new SseStream({ whole: () => sseText('state', state), onEnd: () => undefined });
  const reader = readerOf(stream);
  const long = 'x'.repeat(100_000);
  for (let n = 0; n < 20; n++) stream.send(sseText('session', long));
  state = 2;
  expect(await next(reader)).toBe(sseText('state', 1));
  expect(await next(reader)).toBe(sseText('state', 2));
  stream.send(sseText('session', 3));
  expect(await next(reader)).toBe(sseText('session', 3));
});

test('no text can begin an event of its own', () => {
  expect(sseText('session', 'a\n\nevent: removed\r\ndata: {}').split('\n')).toHaveLength(4);
});

test('a stream says that it lives, and ends with the login it was opened by', async () => {
  vi.useFakeTimers();
  const streams = new OpenStreams({ viewer: 1 });
  let hasEnded = false;
  const stream = streams.open({
    kind: 'viewer',
    endsAt: Date.now() + 20_000,
    whole: () => sseText('state', {}),
    onEnd: () => {
      hasEnded = true;
    },
  });
  const reader = readerOf(stream);
  await next(reader);
  vi.advanceTimersByTime(15_000);
  expect(await next(reader)).toMatch(/^:.*\n\n$/);
  expect(hasEnded).toBe(false);
  vi.advanceTimersByTime(15_000);
  expect([(await reader.read()).done, hasEnded]).toEqual([true, true]);
  streams.close();
});
