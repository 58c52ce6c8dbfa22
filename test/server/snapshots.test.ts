import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SimulatedStore } from './support/simulated-fleet.js';
import { storeSession } from './support/stored-session.js';
import { startServer, type TestServer } from './support/test-server.js';

const formerTemporary = process.env.TMPDIR;
let shared: SimulatedStore;
let server: TestServer;
let temporary: string;

beforeEach(async () => {
  // Its own: other tests export at the same time.
  temporary = await mkdtemp(path.join(tmpdir(), 'test-snapshots-'));
  process.env.TMPDIR = temporary;
  shared = new SimulatedStore();
  await storeSession(shared.objects, 'RemoteAuth-sales');
  server = await startServer({ fleet: { shared } });
  await server.fleet.add('sales');
  await server.fleet.add('empty');
});
afterEach(async () => {
  await server.stop();
  if (formerTemporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = formerTemporary;
  await rm(temporary, { recursive: true });
});

const PATIENCE = { timeout: 30_000 };

test('what is stored is listed, checked, exported, and gone back to', async () => {
  const { ask, fleet } = server;
  const listed = (await (await ask('/api/v1/sessions/sales/snapshots')).json()) as {
    snapshots: { sequence: number; size: number }[];
    storedBytes: number;
  };
  expect(listed.snapshots).toMatchObject([{ sequence: 1 }]);
  expect(listed.storedBytes).toBeGreaterThan(0);
  const check = await ask('/api/v1/sessions/sales/snapshots/check', { method: 'POST' });
  expect(await check.json()).toMatchObject({
    isWhole: true,
    snapshots: [{ sequence: 1, isWhole: true, problem: null }],
  });
  const exported = await ask('/api/v1/sessions/sales/export');
  expect(exported.headers.get('Content-Disposition')).toBe(
    'attachment; filename="RemoteAuth-sales.zip"',
  );
  expect(Buffer.from(await exported.arrayBuffer()).toString('latin1', 0, 2)).toBe('PK');
  await vi.waitUntil(async () => (await readdir(temporary)).length === 0, PATIENCE);

  const restored = await ask('/api/v1/sessions/sales/snapshots/1/restore', { method: 'POST' });
  expect(restored.status).toBe(202);
  expect(fleet.get('sales')?.rolledBackTo).toBe(1);
});

test('a session of which nothing is stored has no snapshots', async () => {
  const { ask } = server;
  const listed = await ask('/api/v1/sessions/empty/snapshots');
  expect(await listed.json()).toEqual({ snapshots: [], storedBytes: 0 });
  const check = await ask('/api/v1/sessions/empty/snapshots/check', { method: 'POST' });
  expect(await check.json()).toMatchObject({ isWhole: true, snapshots: [] });
  expect((await ask('/api/v1/sessions/empty/export')).status).toBe(404);
});

test('damage is told', async () => {
  for await (const { key } of shared.objects.list('packs/')) await shared.objects.delete([key]);
  const check = await server.ask('/api/v1/sessions/sales/snapshots/check', { method: 'POST' });
  expect(await check.json()).toMatchObject({
    isWhole: false,
    snapshots: [{ isWhole: false, problem: expect.stringMatching(/^OBJECT_MISSING: /) }],
  });
});
