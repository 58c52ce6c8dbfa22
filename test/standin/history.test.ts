import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Client, LocalAuth } from 'whatsapp-web.js';
import { browserArgs, CHROMIUM, startStandIn, withFolder } from './stand-in.js';
import { WebPage } from './web-page.js';

const MEGABYTE = 2 ** 20;
const SIZE = 20 * MEGABYTE;
/** whatsapp-web.js attaches late and waits for ever if the page has synced before. */
const SYNC_DELAY_MS = 2000;

function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(path.join(file.parentPath, file.name)).size, 0);
}

test('a grown history has its size on disk, and a stand-in started later knows the device', async () => {
  await withFolder(async (dataPath) => {
    const profile = path.join(dataPath, 'session');
    const first = await startStandIn({ page: { syncDelayMs: 50 } });
    const web = await WebPage.open(first, profile);
    const device = await web.link(first.phone);
    await device.receive({ body: 'before' });
    const growth = device.growHistory({ bytes: SIZE });
    await device.receive({ body: 'meanwhile' });
    expect(await growth).toBeGreaterThanOrEqual(SIZE);
    await device.receive({ body: 'after' });
    await web.waitForMessage('after');
    expect(await web.messages('body')).toEqual(['before', 'meanwhile', 'after']);
    await web.close();
    const bytes = bytesBelow(path.join(profile, 'Default/IndexedDB'));
    expect(bytes).toBeGreaterThan(0.8 * SIZE);
    expect(bytes).toBeLessThan(1.5 * SIZE);
    const record = JSON.parse(JSON.stringify(device.record()));
    await first.close();

    const second = await startStandIn({ page: { syncDelayMs: 50 } });
    const known = second.phone.addDevice(record);
    const again = await WebPage.open(second, profile);
    await known.waitUntilSynced();
    expect(await again.messages('body')).toEqual(['before', 'meanwhile', 'after']);
    await again.close();
    expect(known).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });

    second.page.syncDelayMs = SYNC_DELAY_MS;
    const client = new Client({
      authStrategy: new LocalAuth({ dataPath }),
      webVersionCache: { type: 'none' },
      puppeteer: { executablePath: CHROMIUM, args: browserArgs(second) },
    });
    const ready = new Promise((resolve) => client.once('ready', resolve));
    await client.initialize();
    await ready;
    await client.destroy();
    expect(known).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
    await second.close();
  });
});

test('growing fails when the page goes away', async () => {
  const standIn = await startStandIn({ page: { syncDelayMs: 50 } });
  const web = await WebPage.open(standIn);
  const device = await web.link(standIn.phone);
  const growth = device.growHistory({ bytes: 1000 * MEGABYTE }).catch((error) => error.message);
  await web.close();
  expect(await growth).toBe('stand-in: the page is not connected');
  await expect(device.growHistory({ bytes: 1 })).rejects.toThrow('not connected');
  await standIn.close();
});
