import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionSaved } from '../../src/index.js';
import { until } from '../client/processes.js';
import { browsersOf, link, MemoryStore, type StandIn } from '../client/support.js';
import { killBrowser, startRemote } from './remote-sessions.js';
import { linkTheirs, startSlowStandIn, startTheirRemote } from './whatsapp-web-js.js';

/**
 * What whatsapp-web.js's RemoteAuth does with sessions and ours must not, as far as no other test
 * shows it.
 */
let standIn: StandIn;
beforeAll(async () => {
  standIn = await startSlowStandIn();
});
afterAll(() => standIn.close());

test('a save sends what has changed, not all there is', async () => {
  const first = startRemote(standIn, { store: new MemoryStore(), backupSyncIntervalMs: 300 });
  const device = await link(standIn, first);
  await device.growHistory({ bytes: 8_000_000 });
  await first.log.until('session_saved', 2);
  const sent: number[] = [];
  first.client.on('session_saved', ({ bytesSent }: SessionSaved) => sent.push(bytesSent));
  await until('a quiet store', () => sent.length >= 1);
  for (let n = 1; n <= 3; n++) {
    const seen = sent.length;
    await device.receive({ body: `message ${n}` });
    await until('save', () => sent.length > seen);
  }
  expect(Math.min(...sent.slice(-3))).toBeLessThan(200_000);
  await first.client.destroy();
});

test('a session killed under load comes back with all but what came since its last save', async () => {
  const store = new MemoryStore();
  const first = startRemote(standIn, { store, backupSyncIntervalMs: 300 });
  const device = await link(standIn, first);
  const ackedAtSaves: number[] = [];
  first.client.on('session_saved', () => ackedAtSaves.push(device.acked));
  const traffic = device.startTraffic({ perSecond: 200, bytes: 1000 });
  const before = ackedAtSaves.length;
  await until('saves under load', () => ackedAtSaves.length >= before + 4);
  killBrowser(first);
  await first.log.until('disconnected');
  traffic.end();
  const acked = device.acked;
  const second = startRemote(standIn, { store });
  await second.log.until('ready');
  await second.client.destroy();
  expect(second.log.of('qr')).toEqual([]);
  expect(device).toMatchObject({ linked: true, corruption: [] });
  // A save that ended has what was there when it began, at the end of the one before.
  expect(device.lost).toBeLessThanOrEqual(acked - (ackedAtSaves.at(-2) ?? 0));
});

test('a start without a network leaves no browser and no lease, and may be repeated', async () => {
  const store = new MemoryStore();
  const first = startTheirRemote(standIn, { store });
  const device = await linkTheirs(standIn, first);
  await first.client.destroy();
  await standIn.setReachable(false);
  try {
    const second = startTheirRemote(standIn, { store });
    await expect(second.initialized).rejects.toThrow('ERR_CONNECTION');
    expect(browsersOf()).toEqual([]);
    expect(second.authStrategy.isHeld).toBe(false);
    await standIn.setReachable(true);
    await second.client.initialize();
    await second.emitted.until('ready');
    expect(second.emitted.names('qr')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  } finally {
    await standIn.setReachable(true);
  }
});
