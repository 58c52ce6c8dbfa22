import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { SessionView } from '../../../src/fleet/session-view.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { Receiver } from './receiver.js';
import { SECRET, startWebhooks, untilEnded } from './started.js';

const MESSAGE = { id: 'm1', from: 'a@c.us', to: 'b@c.us', body: 'Hi', timestamp: 1, fromMe: false };
const ALERT = { code: 'STORE_FULL', message: 'Full.', since: '2026-11-05T12:00:00.000Z' };

test('tells a receiver what it has chosen, in order, and nothing else', async () => {
  const receiver = await Receiver.start();
  const { webhooks, fleet, tellState } = await startWebhooks();
  await webhooks.add({ url: receiver.url, events: ['session.state', 'message'] });
  tellState('sales', 'qr');
  fleet.emit('session', { id: 'sales', alerts: [ALERT] } as unknown as SessionView);
  fleet.emit('message', 'sales', MESSAGE);
  tellState('sales', 'ready');
  const told = await receiver.untilReceived(3);
  expect(told).toEqual([
    {
      id: expect.any(String),
      event: 'session.state',
      at: '2026-11-05T12:00:00.000Z',
      data: { session: 'sales', state: 'qr', detail: null },
    },
    expect.objectContaining({ event: 'message', data: { session: 'sales', message: MESSAGE } }),
    expect.objectContaining({ data: { session: 'sales', state: 'ready', detail: null } }),
  ]);
  expect(receiver.received.map(({ headers }) => headers['x-holdfast-delivery'])).toEqual(
    told.map(({ id }) => id),
  );
});

test('without a choice it tells states and alerts, an alert once, and no messages', async () => {
  const receiver = await Receiver.start();
  const { webhooks, fleet, tellState } = await startWebhooks();
  const hook = await webhooks.add({ url: receiver.url });
  expect(hook.events).toEqual(['session.state', 'session.alert']);
  const show = (alerts: object[]) =>
    fleet.emit('session', { id: 'sales', alerts } as unknown as SessionView);
  show([ALERT]);
  show([ALERT]);
  fleet.emit('message', 'sales', MESSAGE);
  show([{ ...ALERT, since: '2026-11-05T13:00:00.000Z' }]);
  tellState('sales', 'ready');
  const told = await receiver.untilReceived(3);
  expect(told.map(({ event }) => event)).toEqual([
    'session.alert',
    'session.alert',
    'session.state',
  ]);
  expect(told[0]?.data).toEqual({ session: 'sales', code: 'STORE_FULL', message: 'Full.' });
});

test('signs with the secret that was shown once', async () => {
  const receiver = await Receiver.start();
  const { webhooks } = await startWebhooks();
  const { id, secret } = await webhooks.add({ url: receiver.url });
  await webhooks.test(id);
  await receiver.untilReceived(1);
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
    String(headers['x-holdfast-signature']),
  ) as RegExpExecArray;
  expect(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')).toBe(v1);
  expect(Math.abs(Date.now() / 1000 - Number(t))).toBeLessThan(60);
  expect(secret).toBe(createHmac('sha256', SECRET).update(`holdfast webhook ${id}`).digest('hex'));
  expect(JSON.parse(body)).toMatchObject({ event: 'test' });
  expect(JSON.stringify(await webhooks.list())).not.toContain(secret);
});

test('tries again with the same id, and shows each try', async () => {
  const receiver = await Receiver.start();
  const pauses: number[] = [];
  const { webhooks } = await startWebhooks({ pauseMs: (tries) => pauses.push(tries) });
  const { id } = await webhooks.add({ url: receiver.url });
  receiver.answer = (response) => {
    const status = receiver.received.length < 3 ? 503 : 200;
    response.writeHead(status).end('x');
  };
  await webhooks.test(id);
  const told = await receiver.untilReceived(3);
  expect(new Set(told.map((news) => news.id)).size).toBe(1);
  expect(pauses).toEqual([1, 2]);
  expect(await untilEnded(webhooks, id)).toEqual([
    {
      id: told[0]?.id,
      event: 'test',
      at: expect.any(String),
      state: 'delivered',
      attempts: [
        expect.objectContaining({ status: 503, error: 'Answered 503.' }),
        expect.objectContaining({ status: 503, error: 'Answered 503.' }),
        expect.objectContaining({ status: 200, error: null }),
      ],
    },
  ]);
});

test('gives up after five tries, says so, and goes on with the next', async () => {
  const receiver = await Receiver.start();
  const { webhooks, untilLogged, logged } = await startWebhooks();
  const { id } = await webhooks.add({ url: `${receiver.url}/t0ken` });
  receiver.answer = (response) => {
    const status = receiver.received.length <= 5 ? 500 : 200;
    response.writeHead(status).end();
  };
  await webhooks.test(id);
  await webhooks.test(id);
  await receiver.untilReceived(6);
  await untilLogged('webhook_failed');
  const [second, first] = await untilEnded(webhooks, id);
  expect(first?.state).toBe('failed');
  expect(first?.attempts).toHaveLength(5);
  expect(second?.state).toBe('delivered');
  expect(logged).toContainEqual([
    'webhook_failed',
    expect.objectContaining({ webhook: id, host: `127.0.0.1:${receiver.port}` }),
  ]);
  expect(JSON.stringify(logged)).not.toContain('t0ken');
});

test('a receiver that does not keep up loses the oldest, and another one nothing', async () => {
  const slow = await Receiver.start();
  const quick = await Receiver.start();
  const { webhooks, tellState, untilLogged } = await startWebhooks();
  const { id } = await webhooks.add({ url: slow.url });
  const other = await webhooks.add({ url: quick.url });
  let letGo = () => {};
  slow.answer = (response) => {
    letGo = () => response.writeHead(204).end();
  };
  tellState('0', 'ready');
  await slow.untilReceived(1);
  for (let i = 1; i <= 101; i++) tellState(String(i), 'ready');
  await untilLogged('webhook_overrun');
  slow.answer = (response) => response.writeHead(204).end();
  letGo();
  const told = await slow.untilReceived(101);
  const sessions = told.map(({ data }) => (data as { session: string }).session);
  expect(sessions[0]).toBe('0');
  expect(sessions[1]).toBe('2');
  expect(sessions.at(-1)).toBe('101');
  expect(await quick.untilReceived(101)).toHaveLength(101);
  const deliveries = await untilEnded(webhooks, id);
  expect(deliveries).toHaveLength(100);
  expect(deliveries.every(({ state }) => state === 'delivered')).toBe(true);
  expect(await untilEnded(webhooks, other.id)).toHaveLength(100);
});

test('what one worker adds, another one delivers; what it removes, no more', async () => {
  const receiver = await Receiver.start();
  const store = new MemoryObjects();
  const one = await startWebhooks({ store });
  const other = await startWebhooks({ store });
  const { id } = await one.webhooks.add({ url: receiver.url });
  expect(await other.webhooks.list()).toEqual([
    {
      id,
      url: receiver.url,
      events: ['session.state', 'session.alert'],
      createdAt: expect.any(String),
    },
  ]);
  other.tellState('sales', 'ready');
  await receiver.untilReceived(1);
  await one.webhooks.remove(id);
  await expect(other.webhooks.list()).resolves.toEqual([]);
  await expect(other.webhooks.test(id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
  await expect(one.webhooks.remove(id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
});

test('at the end what waits is tried once more, without a pause, and nothing listens any more', async () => {
  const receiver = await Receiver.start();
  let hasPaused = () => {};
  const paused = new Promise<void>((resolve) => {
    hasPaused = resolve;
  });
  const { webhooks, fleet, tellState } = await startWebhooks({
    pauseMs: () => {
      hasPaused();
      return 3_600_000;
    },
  });
  const { id } = await webhooks.add({ url: receiver.url });
  receiver.answer = (response) => response.writeHead(500).end();
  await webhooks.test(id);
  await paused;
  tellState('sales', 'stopping');
  receiver.answer = (response) => response.writeHead(204).end();
  await webhooks.close();
  expect((await receiver.untilReceived(3)).map(({ event }) => event)).toEqual([
    'test',
    'test',
    'session.state',
  ]);
  expect(fleet.eventNames()).toEqual([]);
  await webhooks.close();
});

test('redirects are not followed, and long answers not read', async () => {
  const elsewhere = await Receiver.start();
  const receiver = await Receiver.start();
  const { webhooks } = await startWebhooks();
  const { id } = await webhooks.add({ url: receiver.url });
  receiver.answer = (response) => {
    if (receiver.received.length === 1) {
      response.writeHead(302, { Location: elsewhere.url }).end();
      return;
    }
    // It never ends.
    response.writeHead(200).write('x'.repeat(64 * 1024));
  };
  await webhooks.test(id);
  const [delivery] = await untilEnded(webhooks, id);
  expect(delivery?.attempts.map(({ error }) => error)).toEqual([
    'Answered 302: redirects are not followed.',
    null,
  ]);
  expect(elsewhere.received).toEqual([]);
});
