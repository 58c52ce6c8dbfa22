import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { EventReader } from '../support/event-reader.js';
import { rawRequest } from '../support/raw-request.js';
import {
  ADMIN,
  startServer,
  type TestServer,
  type TestServerOptions,
  VIEWER,
} from '../support/test-server.js';

let server: TestServer | undefined;
afterEach(() => server?.stop());

async function start(options?: TestServerOptions): Promise<TestServer> {
  server = await startServer(options);
  return server;
}

const Authorization = `Bearer ${ADMIN}`;

test('it is asked only by names that lead here on purpose', async () => {
  const { port } = await start({
    publicUrl: 'https://sessions.example.com',
    allowHosts: ['proxy.internal', '10.1.2.3'],
  });
  const statusOf = async (Host: string) =>
    (await rawRequest(port, { path: '/', headers: { Host } })).status;
  const good = ['localhost', `127.0.0.1:${port}`, '[::1]:1', 'LOCALHOST:99'];
  const told = ['sessions.example.com', 'proxy.internal:8480', '10.1.2.3'];
  for (const host of [...good, ...told]) expect([host, await statusOf(host)]).toEqual([host, 200]);
  const bad = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.1.2.4'];
  const odd = ['localhost@evil.example', 'localhost evil', '127.1'];
  for (const host of [...bad, ...odd]) {
    const status = await statusOf(host);
    expect([host, status === 421 || status === 400]).toEqual([host, true]);
  }
  const refused = await rawRequest(port, { path: '/healthz', headers: { Host: 'evil.example' } });
  expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'HOST_NOT_ALLOWED' } });
});

test('every answer forbids what the page does not need, and none is kept by caches', async () => {
  const { port } = await start();
  const asked = [
    { path: '/' },
    { path: '/page/icon.svg' },
    { path: '/healthz' },
    { path: '/nothing' },
    { path: '/back\\slash' },
    { path: '/link/unknown' },
    { path: '/api/v1/sessions' },
    { path: '/api/v1/sessions', headers: { Authorization } },
    { path: '/api/v1/events', headers: { Authorization } },
    { path: '/healthz', headers: { Host: 'evil.example' } },
    { path: '/auth/login', method: 'POST', headers: { 'Content-Length': 100_000 } },
  ];
  for (const options of asked) {
    const { headers } = await rawRequest(port, options, options.method && Buffer.alloc(100_000));
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const isPage = options.path === '/' || options.path.startsWith('/page/');
    const isHere = headers.etag !== undefined;
    expect(headers['cache-control']).toBe(isPage && isHere ? 'no-cache' : 'no-store');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('bodies are JSON, and small', async () => {
  const { port } = await start();
  const path = '/api/v1/sessions';
  const post = async (body: string | Buffer, headers: Record<string, string>) =>
    (await rawRequest(port, { path, method: 'POST', headers: { Authorization, ...headers } }, body))
      .status;
  const json = { 'Content-Type': 'application/json' };
  expect(await post('{"id":"sales"}', json)).toBe(201);
  expect(await post('{"id":"a"}', { 'Content-Type': 'application/x-www-form-urlencoded' })).toBe(
    415,
  );
  expect(await post('{"id":"a"}', {})).toBe(415);
  expect(await post('{"id":', json)).toBe(400);
  expect(await post(Buffer.from([0x22, 0xff, 0x22]), json)).toBe(400);
  expect(await post('{"id":"a","admin":true}', json)).toBe(400);
  expect(await post(JSON.stringify({ id: 'x'.repeat(70_000) }), json)).toBe(413);
  const chunked = { ...json, 'Transfer-Encoding': 'chunked' };
  expect(await post(JSON.stringify({ id: 'x'.repeat(70_000) }), chunked)).toBe(413);
});

test('requests of one address are bounded', async () => {
  const { ask } = await start({ rate: { burst: 5, perSecond: 0.1 } });
  const statuses = [];
  for (let n = 0; n < 7; n++) statuses.push((await ask('/healthz')).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
});

test('streams of events are bounded for each role, also those asked for by HEAD', async () => {
  const { ask } = await start({ streams: { viewer: 2 } });
  for (let n = 0; n < 5; n++) await ask('/api/v1/events', { method: 'HEAD', token: VIEWER });
  for (let n = 0; n < 2; n++) {
    await new EventReader(await ask('/api/v1/events', { token: VIEWER })).until('state');
  }
  const refused = await ask('/api/v1/events', { token: VIEWER });
  expect(await refused.json()).toMatchObject({ error: { code: 'TOO_MANY_STREAMS' } });
  const admin = new EventReader(await ask('/api/v1/events'));
  await admin.until('state');
});

test.each([
  ['its head', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n', { headers: 100, request: 60_000 }],
  [
    'its body',
    'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
    { headers: 100, request: 200 },
  ],
])('who sends %s too slowly is cut off', async (_, text, timeouts) => {
  const { port } = await start({ timeouts });
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 408 /);
  await once(socket, 'close');
});

test('no path of a request leads to a file of the machine', async () => {
  const { port } = await start();
  const paths = [
    '/page/../../../package.json',
    '/page/..%2f..%2f..%2fpackage.json',
    '/page/%2e%2e/%2e%2e/package.json',
    '/page//etc/passwd',
    '/page/..\\..\\package.json',
    '/page/__proto__',
    '/page/index.html%00.js',
  ];
  for (const path of paths) {
    const { status, body } = await rawRequest(port, { path });
    expect([path, status]).toEqual([path, path.includes('\\') ? 400 : 404]);
    expect(body).not.toContain('holdfast"');
  }
});
