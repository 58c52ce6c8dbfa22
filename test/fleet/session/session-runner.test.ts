import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ClientEvents } from '../../../src/client/client-events.js';
import type { SessionClient } from '../../../src/fleet/session/session-client.js';
import type { SessionEnd } from '../../../src/fleet/session/session-end.js';
import { growingPause, SessionRunner } from '../../../src/fleet/session/session-runner.js';

// Fake timers do not reach it.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, _: undefined, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      });
    }),
}));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Stub extends EventEmitter<ClientEvents> {
  isOpen = false;
  initialize = vi.fn(async () => {
    this.isOpen = true;
  });
  destroy = vi.fn(async () => {
    this.isOpen = false;
  });
}

function newRunner(prepare: (client: Stub) => void = () => undefined) {
  const clients: Stub[] = [];
  const pauses: number[] = [];
  const ends: SessionEnd['how'][] = [];
  const hung: unknown[] = [];
  const runner = new SessionRunner({
    createClient: () => {
      const client = new Stub();
      prepare(client);
      clients.push(client);
      return client as unknown as SessionClient;
    },
    pauseAfter: ({ how }, failures) => (how === 'for-good' ? null : growingPause(failures)),
    closePatienceMs: 5_000,
    onClosing: ({ how }) => ends.push(how),
    onPause: (ms) => pauses.push(ms),
    onHung: (client) => hung.push(client),
  });
  return { runner, clients, pauses, ends, hung };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

it('starts again after growing pauses, of a minute at most, until it is ready', async () => {
  let isBroken = true;
  const { runner, clients, pauses } = newRunner((client) => {
    if (isBroken) client.initialize.mockRejectedValue(new Error('broken'));
  });
  void runner.run();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(pauses.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1000));
  expect(clients).toHaveLength(pauses.length);
  isBroken = false;
  await vi.advanceTimersByTimeAsync(60_000);
  clients.at(-1)?.emit('ready');
  clients.at(-1)?.emit('disconnected', 'PAGE_CRASHED');
  await settle();
  expect(pauses.at(-1)).toBe(1000);
  await runner.stop();
  expect(clients.filter(({ isOpen }) => isOpen)).toEqual([]);
});

it('ends for good, or when it is told to: while it runs, and while it pauses', async () => {
  const first = newRunner();
  const ended = first.runner.run();
  await settle();
  first.clients[0]?.emit('disconnected', 'CONFLICT');
  expect(await ended).toEqual({ how: 'for-good', reason: 'CONFLICT' });
  expect(first.clients[0]?.destroy).toHaveBeenCalledOnce();

  const second = newRunner();
  const stopped = second.runner.run();
  await settle();
  await second.runner.stop();
  expect(await stopped).toEqual({ how: 'told' });
  expect(second.clients.map(({ isOpen }) => isOpen)).toEqual([false]);

  const third = newRunner((client) => client.initialize.mockRejectedValue(new Error('broken')));
  const paused = third.runner.run();
  await settle();
  expect(third.pauses).toEqual([1000]);
  await third.runner.stop();
  expect(await paused).toEqual({ how: 'told' });
});

it('goes on through an unlink, and through a login that failed while it started', async () => {
  const { runner, clients, ends } = newRunner((client) => {
    client.initialize.mockImplementation(async () => {
      client.emit('auth_failure', 'the profile on disk holds no login');
    });
  });
  void runner.run();
  await settle();
  clients[0]?.emit('disconnected', 'LOGOUT');
  await settle();
  expect(ends).toEqual([]);
  clients[0]?.emit('auth_failure', 'no new link could be offered');
  await settle();
  expect(ends).toEqual(['passing']);
  await runner.stop();
});

it('closes while it is suspended, by whomever, and starts at once when all have resumed it', async () => {
  const { runner, clients, pauses } = newRunner();
  void runner.run();
  await settle();
  await Promise.all([runner.suspend(), runner.suspend()]);
  expect(clients.map(({ isOpen }) => isOpen)).toEqual([false]);
  runner.resume();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(clients).toHaveLength(1);
  // Somebody asks for a restart meanwhile.
  await runner.restart();
  await settle();
  expect(clients).toHaveLength(1);
  runner.resume();
  await settle();
  expect(clients.map(({ isOpen }) => isOpen)).toEqual([false, true]);
  await runner.restart();
  await settle();
  expect(clients.map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
  expect(pauses).toEqual([]);
  await runner.stop();
});

it('starts at once also when it was asked to while it closed after a crash', async () => {
  let close: () => void = () => undefined;
  const { runner, clients, pauses } = newRunner((client) => {
    client.destroy.mockImplementation(
      () =>
        new Promise((resolve) => {
          close = resolve;
        }),
    );
  });
  void runner.run();
  await settle();
  clients[0]?.emit('disconnected', 'PAGE_CRASHED');
  await settle();
  const restarted = runner.restart();
  close();
  await restarted;
  await settle();
  expect(clients).toHaveLength(2);
  expect(pauses).toEqual([]);
});

it('is not held up by a client that does not close', async () => {
  const { runner, clients, hung } = newRunner((client) => {
    client.destroy.mockImplementation(() => new Promise(() => undefined));
  });
  void runner.run();
  await settle();
  clients[0]?.emit('disconnected', 'BROWSER_CLOSED');
  await vi.advanceTimersByTimeAsync(6_000);
  expect(hung).toEqual([clients[0]]);
  expect(clients).toHaveLength(2);
});
