import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StandIn } from '../../src/standin/index.js';
import { startStandIn, withFolder } from './stand-in.js';
import { WebPage } from './web-page.js';

const MEGABYTE = 2 ** 20;

let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});

afterAll(() => standIn.close());

test('200 messages/s of 4 KB over kill -9 and return: all arrive, nothing acknowledged is lost', async () => {
  await withFolder(async (profile) => {
    const first = await WebPage.open(standIn, profile);
    const device = await first.link(standIn.phone);
    // Closed properly once: localStorage, and with it the login, reaches the disk late.
    await first.close();

    const killed = await WebPage.open(standIn, profile);
    await device.waitUntilSynced();
    const traffic = device.startTraffic({ perSecond: 200, bytes: 4096 });
    await expect.poll(() => traffic.acked, { timeout: 30_000 }).toBeGreaterThan(1000);
    await expect.poll(() => traffic.sent - traffic.acked, { timeout: 10_000 }).toBeLessThan(100);
    await killed.kill();

    const web = await WebPage.open(standIn, profile);
    await expect.poll(() => traffic.sent, { timeout: 30_000 }).toBeGreaterThan(3000);
    await traffic.stop();
    expect(traffic.acked).toBe(traffic.sent);
    expect(
      await web.page.evaluate(
        () => Object(window).require('WAWebCollections').Msg.getModelsArray().length,
      ),
    ).toBeLessThanOrEqual(1000);
    const { JSHeapUsedSize = 0 } = await web.page.metrics();
    expect(JSHeapUsedSize / MEGABYTE).toBeLessThan(60);

    await web.page.reload();
    await web.booted();
    await device.waitUntilSynced();
    await web.close();
    expect(device.lost).toBe(0);
    expect(device.corruption).toEqual([]);
    expect(device.maxConnections).toBe(1);
  });
});
