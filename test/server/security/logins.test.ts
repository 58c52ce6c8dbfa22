import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hashToken } from '../../../src/server/auth/tokens.js';
import { ADMIN, startServer, type TestServer, VIEWER } from '../support/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(async () => {
  vi.useRealTimers();
  await server.stop();
});

async function logIn(at: TestServer, token: string): Promise<Response> {
  return at.ask('/auth/login', { method: 'POST', token: null, json: { token } });
}

async function cookieOf(at: TestServer, token: string): Promise<string> {
  const cookie = (await logIn(at, token)).headers.get('Set-Cookie') ?? '';
  return cookie.replace(/;.*/, '');
}

async function roleWith(at: TestServer, Cookie: string): Promise<string | number> {
  const answer = await at.ask('/auth/me', { token: null, headers: { Cookie } });
  return answer.ok ? ((await answer.json()) as { role: string }).role : answer.status;
}

test('a login gives a cookie that no script and no foreign site can use, for its role', async () => {
  const answer = await logIn(server, VIEWER);
  expect(await answer.json()).toEqual({ role: 'viewer' });
  expect(answer.headers.get('Set-Cookie')).toMatch(
    /^holdfast=[\w.-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(await roleWith(server, await cookieOf(server, VIEWER))).toBe('viewer');
  expect(await roleWith(server, await cookieOf(server, ADMIN))).toBe('admin');
  const out = await server.ask('/auth/logout', { method: 'POST', token: null });
  expect(out.headers.get('Set-Cookie')).toMatch(/^holdfast=; Max-Age=0;/);
  const secure = await startServer({ publicUrl: 'https://sessions.example.com' });
  expect((await logIn(secure, ADMIN)).headers.get('Set-Cookie')).toMatch(/; Secure$/);
  await secure.stop();
});

test('a cookie that was altered, is old, or is of other tokens is worth nothing', async () => {
  const cookie = await cookieOf(server, VIEWER);
  expect(await roleWith(server, cookie.replace('viewer', 'admin'))).toBe(401);
  expect(await roleWith(server, cookie.replace(/\.(\d)/, '.9'))).toBe(401);
  expect(await roleWith(server, `${cookie.slice(0, -4)}AAAA`)).toBe(401);
  const tokens = { admin: hashToken(ADMIN), viewer: hashToken(VIEWER) };
  const same = await startServer({ tokens });
  expect(await roleWith(same, cookie)).toBe('viewer');
  const changed = await startServer({ tokens: { ...tokens, viewer: hashToken('another one') } });
  expect(await roleWith(changed, cookie)).toBe(401);
  const foreign = await startServer({ tokens, fleetSecret: Buffer.alloc(32, 8) });
  expect(await roleWith(foreign, cookie)).toBe(401);
  await Promise.all([same.stop(), changed.stop(), foreign.stop()]);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 12 * 3_600_000 + 1000 });
  expect(await roleWith(server, cookie)).toBe(401);
});

test('what a login changes must come from the page itself', async () => {
  const Cookie = await cookieOf(server, ADMIN);
  const add = async (id: string, headers: Record<string, string>) => {
    const options = { method: 'POST', token: null, json: { id } };
    return (await server.ask('/api/v1/sessions', { ...options, headers })).status;
  };
  const own = { Cookie, 'X-Holdfast': '1' };
  expect(await add('one', own)).toBe(201);
  expect(await add('two', { ...own, Origin: server.url })).toBe(201);
  expect(await add('three', { Cookie })).toBe(403);
  expect(await add('three', { ...own, Origin: 'https://example.com' })).toBe(403);
  expect(await add('three', { ...own, Origin: 'null' })).toBe(403);
  expect(await add('three', { ...own, 'Sec-Fetch-Site': 'same-site' })).toBe(403);
  expect(await add('three', { Authorization: `Bearer ${ADMIN}` })).toBe(201);
  const form = await fetch(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain' },
    body: JSON.stringify({ token: ADMIN }),
  });
  expect(form.headers.get('Set-Cookie')).toBeNull();
});

test('whoever guesses tokens is slowed down, and no login gets through meanwhile', async () => {
  const statuses = [];
  for (let n = 0; n < 12; n++) statuses.push((await logIn(server, `guess ${n}`)).status);
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  const locked = await logIn(server, ADMIN);
  expect([locked.status, Number(locked.headers.get('Retry-After')) > 0]).toEqual([429, true]);
  // Who asks by token is counted by itself.
  expect((await server.ask('/auth/me')).status).toBe(200);
  const guesses = [];
  for (let n = 0; n < 12; n++)
    guesses.push((await server.ask('/auth/me', { token: `g${n}` })).status);
  expect(guesses).toEqual([...Array(10).fill(401), 429, 429]);
});
