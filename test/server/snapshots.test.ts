import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SimulatedStore } from './support/simulated-fleet.js';
import { storeSession } from './support/stored-session.js';
import { startServer, type TestServer } from './support/test-server.js';

let shared: SimulatedStore;
let server: TestServer;

beforeEach(async () => {
  shared = new SimulatedStore();
  await storeSession(shared.objects, 'RemoteAuth-sales');
  server = await startServer({ fleet: { shared } });
  await server.fleet.add('sales');
  await server.fleet.add('empty');
});
afterEach(() => server.stop());

const exportFolders = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('holdfast-export-'));

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
  await vi.waitUntil(async () => (await exportFolders()).length === 0);

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
