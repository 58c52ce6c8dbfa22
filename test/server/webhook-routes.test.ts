import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { SimulatedStore } from './support/simulated-fleet.js';
import { startServer, type TestServer, type TestServerOptions } from './support/test-server.js';
import { Receiver } from './webhooks/receiver.js';

const running = new Set<TestServer>();
afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
});

async function start(options: TestServerOptions): Promise<TestServer> {
  const server = await startServer(options);
  running.add(server);
  return server;
}

async function addHook({ ask }: TestServer, url: string, events?: string[]) {
  const answer = await ask('/api/v1/webhooks', { method: 'POST', json: { url, events } });
  return { status: answer.status, hook: (await answer.json()) as { id: string; secret: string } };
}

test('a webhook is told of what it asked for, signed; any worker knows how that went', async () => {
  const shared = new SimulatedStore();
  const receiver = await Receiver.start();
  const one = await start({ fleet: { shared }, allowPrivateWebhooks: true });
  const other = await start({ fleet: { shared, takes: false }, allowPrivateWebhooks: true });
  const { status, hook } = await addHook(one, receiver.url, ['session.state']);
  expect(status).toBe(201);
  await one.fleet.add('sales');
  one.fleet.receive('sales', '12025550199@c.us', 'Hello');
  const [told] = await receiver.untilReceived(1);
  expect(told).toMatchObject({ event: 'session.state', data: { session: 'sales', state: 'qr' } });
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
  const [, time, mac] = /^t=(\d+),v1=(\w+)$/.exec(String(headers['x-holdfast-signature'])) ?? [];
  expect(createHmac('sha256', hook.secret).update(`${time}.${body}`).digest('hex')).toBe(mac);

  const listed = await (await other.ask('/api/v1/webhooks')).text();
  expect(listed).toContain(hook.id);
  expect(listed).not.toContain(hook.secret);
  const log = await other.ask(`/api/v1/webhooks/${hook.id}/deliveries`);
  const { deliveries } = (await log.json()) as { deliveries: unknown[] };
  expect(deliveries).toHaveLength(1);
  expect(deliveries).toMatchObject([{ event: 'session.state', attempts: [{ status: 204 }] }]);
});

test.each([
  'http://127.0.0.1:8480/',
  'http://localhost/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:10.0.0.1]/',
  'http://2130706433/',
  'file:///etc/passwd',
  'https://user:password@example.com/',
])('a webhook to %s is refused', async (url) => {
  const server = await start({});
  const answer = await server.ask('/api/v1/webhooks', { method: 'POST', json: { url } });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { code: 'WEBHOOK_REFUSED' } });
});

test('without a fleet secret there are no webhooks, and it is said how to have them', async () => {
  const server = await start({ fleetSecret: null });
  const answer = await server.ask('/api/v1/webhooks');
  expect([answer.status, await answer.json()]).toMatchObject([
    409,
    { error: { code: 'FLEET_SECRET_MISSING' } },
  ]);
});
