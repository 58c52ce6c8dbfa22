import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyFor } from '../../src/server/peers/fleet-secret.js';
import { PeerClient } from '../../src/server/peers/peer-client.js';
import { SIGNATURE_HEADER, sign } from '../../src/server/peers/signature.js';
import { EventReader } from './support/event-reader.js';
import { SimulatedStore } from './support/simulated-fleet.js';
import {
  FLEET_SECRET,
  startServer,
  type TestServer,
  type TestServerOptions,
  VIEWER,
} from './support/test-server.js';

const KEY = keyFor(FLEET_SECRET, 'requests between workers');
let shared: SimulatedStore;
let one: TestServer;
let other: TestServer;
const running = new Set<TestServer>();

beforeEach(async () => {
  shared = new SimulatedStore();
  one = await start();
  other = await start({ fleet: { takes: false } });
  await one.fleet.add('sales');
});
afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
});

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startServer({ ...options, fleet: { ...options.fleet, shared } });
  running.add(server);
  return server;
}

/** Until the other worker shows the session so. */
async function shownByOther(isIt: Parameters<EventReader['until']>[1]): Promise<EventReader> {
  const reader = new EventReader(await other.ask('/api/v1/events'));
  const { sessions } = await reader.until('state');
  if (!sessions.some(isIt ?? (() => true))) await reader.until('session', isIt);
  return reader;
}

test('any worker tells of all sessions as their holders see them, and what happens to them', async () => {
  const reader = await shownByOther(({ qr }: { qr: unknown }) => qr !== null);
  one.fleet.get('sales')?.link();
  one.fleet.receive('sales', '12025550199@c.us', 'Hello');
  await reader.until('session', ({ state }) => state === 'ready');
  await reader.until('happening', ({ happening }) => happening.state === 'ready');
  expect(await reader.until('message')).toMatchObject({ id: 'sales', message: { body: 'Hello' } });
  const session = await (await other.ask('/api/v1/sessions/sales')).json();
  expect(session).toEqual(one.fleet.get('sales')?.view);
});

test('what only the holder can do is passed on to it', async () => {
  const qr = await other.ask('/api/v1/sessions/sales/qr.txt');
  expect(await qr.text()).toBe(one.fleet.get('sales')?.qr);
  expect(qr.headers.get('Cache-Control')).toBe('no-store');
  one.fleet.get('sales')?.link();
  const message = { to: '12025550199', text: 'Grüße' };
  const sent = await other.ask('/api/v1/sessions/sales/messages', {
    method: 'POST',
    json: message,
  });
  expect(sent.status).toBe(201);
  expect(one.fleet.get('sales')?.sent).toEqual([message]);
  const refused = await other.ask('/api/v1/sessions/sales/qr?serial=1');
  expect(await refused.json()).toMatchObject({ error: { code: 'NOT_LINKING' } });
  const forbidden = await other.ask('/api/v1/sessions/sales/qr', { token: VIEWER });
  expect(forbidden.status).toBe(403);
});

test('a session that nobody has just now is no error of the caller, and is not passed on twice', async () => {
  one.fleet.release('sales');
  const path = '/api/v1/sessions/sales/messages';
  const json = { to: '12025550199', text: 'Hello' };
  const waiting = await one.ask(path, { method: 'POST', json });
  expect([waiting.status, waiting.headers.get('Retry-After')]).toEqual([503, '2']);
  expect(await waiting.json()).toMatchObject({ error: { code: 'SESSION_NOT_HELD' } });
  // Each says that the other has it.
  one.fleet.holderOf = () => other.fleet.self;
  other.fleet.holderOf = () => one.fleet.self;
  const circling = await one.ask(path, { method: 'POST', json });
  expect([circling.status, circling.headers.get('Retry-After')]).toEqual([503, '2']);
});

test('a worker that cannot be reached is said at its sessions', async () => {
  const away = await start({ fleet: { takes: false }, address: 'http://127.0.0.1:9' });
  shared.roster.set('far', { id: 'far', addedAt: new Date().toISOString(), isWanted: true });
  away.fleet.take('far').link();
  shared.rosterChanged();
  const isAlerted = ({ id, alerts }: { id: string; alerts: { code: string }[] }) =>
    id === 'far' && alerts.some(({ code }) => code === 'WORKER_UNREACHABLE');
  await shownByOther(isAlerted);
  expect(await (await other.ask('/api/v1/sessions/far')).json()).toMatchObject({
    worker: { id: away.fleet.self.id },
  });
  const sent = await other.ask('/api/v1/sessions/far/restart', { method: 'POST' });
  expect(sent.status).toBe(503);
});

test('workers that do not share a secret do not believe each other', async () => {
  const stranger = await start({ fleet: { takes: false }, fleetSecret: Buffer.alloc(32, 4) });
  expect((await stranger.ask('/api/v1/sessions/sales/qr')).status).toBe(401);
  const lone = await start({ fleet: { takes: false }, fleetSecret: null });
  const answer = await lone.ask('/api/v1/sessions/sales/qr');
  expect(await answer.json()).toMatchObject({
    error: { message: expect.stringContaining('HOLDFAST_FLEET_SECRET') },
  });
});

test('a signature is good once, for one worker, one request and one minute, and from no browser', async () => {
  const client = new PeerClient(KEY);
  const path = '/api/v1/sessions/sales/qr';
  const signal = AbortSignal.timeout(10_000);
  const { id } = one.fleet.self;
  const asked = await client.ask(one.fleet.self, { method: 'GET', path, role: 'admin', signal });
  expect(asked.status).toBe(200);

  const emptyHash = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
  const signed = { method: 'GET', path, bodyHash: emptyHash, role: 'admin', to: id } as const;
  const statusWith = async (signature: string, more: Record<string, string> = {}, at = path) => {
    const headers = { [SIGNATURE_HEADER]: signature, ...more };
    return (await one.ask(at, { token: null, headers })).status;
  };
  const good = sign(KEY, signed);
  expect(await statusWith(good)).toBe(200);
  expect(await statusWith(good)).toBe(401);
  const old = sign(KEY, signed, Date.now() - 61_000);
  const bad = [
    await statusWith(old),
    await statusWith(sign(KEY, signed), { Cookie: 'a=b' }),
    await statusWith(sign(KEY, signed), { Origin: one.url }),
    await statusWith(sign(KEY, { ...signed, to: other.fleet.self.id })),
    await statusWith(sign(KEY, signed), {}, `${path}?serial=1`),
    await statusWith(sign(KEY, { ...signed, method: 'POST' })),
    await statusWith(sign(KEY, { ...signed, bodyHash: 'A'.repeat(43) })),
    await statusWith(sign(KEY, { ...signed, role: 'viewer' }).replace('viewer', 'admin')),
    await statusWith('role=admin'),
  ];
  expect(bad).toEqual(bad.map(() => 401));
  expect(await statusWith(sign(KEY, { ...signed, role: 'viewer' }))).toBe(403);
  expect((await one.ask('/peer/events')).status).toBe(401);
});
