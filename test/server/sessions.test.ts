import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventReader } from './support/event-reader.js';
import { startServer, type TestServer, VIEWER } from './support/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.stop());

const codeOf = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
};

test('a session is added, linked by its QR, used, logged out, started again and removed', async () => {
  const { fleet, ask } = server;
  const added = await ask('/api/v1/sessions', { method: 'POST', json: { id: 'sales' } });
  expect(added.status).toBe(201);
  expect(await added.json()).toMatchObject({ id: 'sales', state: 'qr', qr: { serial: 1 } });

  const shown = (await (await ask('/api/v1/sessions/sales/qr')).json()) as { qr: string };
  expect(shown.qr).toBe(fleet.get('sales')?.qr);
  expect(await (await ask('/api/v1/sessions/sales/qr.txt')).text()).toBe(shown.qr);
  const png = await ask('/api/v1/sessions/sales/qr.png');
  expect(png.headers.get('Cache-Control')).toBe('no-store');
  const { data, width, height } = PNG.sync.read(Buffer.from(await png.arrayBuffer()));
  expect(jsQR(Uint8ClampedArray.from(data), width, height)?.data).toBe(shown.qr);
  const svg = await ask('/api/v1/sessions/sales/qr.svg?serial=1');
  expect(svg.headers.get('Content-Type')).toBe('image/svg+xml');
  expect(await svg.text()).toMatch(/^<svg/);

  fleet.get('sales')?.link();
  expect(await codeOf(await ask('/api/v1/sessions/sales/qr.svg'))).toEqual([409, 'NOT_LINKING']);
  const message = { to: '12025550199', text: 'Hello' };
  const sent = await ask('/api/v1/sessions/sales/messages', { method: 'POST', json: message });
  expect([sent.status, await sent.json()]).toMatchObject([201, { to: '12025550199@c.us' }]);
  expect(fleet.get('sales')?.sent).toEqual([message]);

  const loggedOut = await ask('/api/v1/sessions/sales/logout', { method: 'POST' });
  expect(await loggedOut.json()).toMatchObject({ state: 'stopped', account: null });
  const again = await ask('/api/v1/sessions/sales/logout', { method: 'POST' });
  expect(await codeOf(again)).toEqual([409, 'SESSION_STOPPED']);
  const restarted = await ask('/api/v1/sessions/sales/restart', { method: 'POST' });
  expect([restarted.status, await restarted.json()]).toMatchObject([202, { state: 'qr' }]);

  const removed = await ask('/api/v1/sessions/sales?purge=true', { method: 'DELETE' });
  expect(removed.status).toBe(204);
  expect(await codeOf(await ask('/api/v1/sessions/sales'))).toEqual([404, 'SESSION_NOT_FOUND']);
});

test('what cannot be done is said with a code', async () => {
  const { ask, fleet } = server;
  await fleet.add('sales');
  const post = (path: string, json?: unknown) => ask(path, { method: 'POST', json });
  const answers = [
    await post('/api/v1/sessions', { id: 'sales' }),
    await post('/api/v1/sessions', { id: '../etc' }),
    await post('/api/v1/sessions', { name: 'sales' }),
    await post('/api/v1/sessions/sales/messages', { to: '12025550199', text: 'Hello' }),
    await post('/api/v1/sessions/sales/pairing-code', { phone: 'nobody' }),
    await post('/api/v1/sessions/nobody/restart'),
    await ask('/api/v1/nothing'),
    await ask('/api/v1/sessions', { method: 'PATCH' }),
  ];
  expect(await Promise.all(answers.map(codeOf))).toEqual([
    [409, 'SESSION_EXISTS'],
    [400, 'INVALID_CLIENT_ID'],
    [400, 'INVALID_REQUEST'],
    [409, 'NOT_READY'],
    [400, 'INVALID_PHONE_NUMBER'],
    [404, 'SESSION_NOT_FOUND'],
    [404, 'NOT_FOUND'],
    [404, 'NOT_FOUND'],
  ]);
});

test('a pairing code can be had instead of a QR, and given back', async () => {
  const { fleet, ask } = server;
  await fleet.add('sales');
  const path = '/api/v1/sessions/sales/pairing-code';
  const code = await ask(path, { method: 'POST', json: { phone: '12025550108' } });
  expect(await code.json()).toMatchObject({ code: 'ABCD1234', validUntil: expect.any(String) });
  expect((await ask(path, { method: 'DELETE' })).status).toBe(204);
  expect(fleet.get('sales')?.view).toMatchObject({ state: 'qr', code: null });
});

test('events tell the whole state first, then each change; those of one session only its own', async () => {
  const { fleet, ask } = server;
  await fleet.add('sales');
  const all = new EventReader(await ask('/api/v1/events'));
  const one = new EventReader(await ask('/api/v1/sessions/sales/events'));
  const state = await all.until('state');
  expect(state.sessions).toMatchObject([{ id: 'sales', state: 'qr' }]);
  expect(state.workers).toMatchObject([{ id: fleet.self.id, sessions: ['sales'] }]);

  await fleet.add('support');
  fleet.get('support')?.link();
  await all.until('session', ({ id, state }) => id === 'support' && state === 'ready');
  await all.until('workers', ({ workers }) => workers[0].sessions.includes('support'));
  fleet.get('sales')?.save(100, 1000);
  fleet.receive('sales', '12025550199@c.us', 'Hello');
  expect(await one.until('happening')).toMatchObject({ id: 'sales', happening: { what: 'saved' } });
  expect(await one.until('message')).toMatchObject({ id: 'sales', message: { body: 'Hello' } });
  await fleet.remove('sales');
  expect(await one.until('removed')).toEqual({ id: 'sales' });
  expect(JSON.stringify(one.events.filter(({ name }) => name === 'session'))).not.toContain(
    'support',
  );
});

test('a viewer sees no QR, no pairing code and no message', async () => {
  const { fleet, ask } = server;
  await fleet.add('sales');
  await fleet.get('sales')?.requestPairingCode('12025550108');
  const forbidden = await ask('/api/v1/sessions/sales/qr', { token: VIEWER });
  expect(await codeOf(forbidden)).toEqual([403, 'FORBIDDEN']);
  const view = await ask('/api/v1/sessions/sales', { token: VIEWER });
  expect(await view.json()).toMatchObject({ state: 'code', code: null });
  const reader = new EventReader(await ask('/api/v1/events', { token: VIEWER }));
  expect((await reader.until('state')).sessions).toMatchObject([{ code: null }]);
  fleet.receive('sales', '12025550199@c.us', 'Hello');
  fleet.get('sales')?.link();
  await reader.until('session', ({ state }) => state === 'ready');
  expect(reader.names).not.toContain('message');
});

test('streams that are left or ended by the server leave nothing behind', async () => {
  const { ask, fleet } = server;
  await fleet.add('sales');
  const before = fleet.listenerCount('session');
  const left = new EventReader(await ask('/api/v1/events'));
  await left.until('state');
  await left.close();
  const open = new EventReader(await ask('/api/v1/events'));
  await open.until('state');
  await server.stop();
  await open.ended;
  expect(before).toBe(1);
  expect(fleet.listenerCount('session')).toBe(0);
});
