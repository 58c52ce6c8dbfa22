import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Device, StandIn } from '../../src/standin/index.js';
import { startStandIn } from './stand-in.js';
import { WebPage } from './web-page.js';

let standIn: StandIn;
let web: WebPage;
let device: Device;

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
  web = await WebPage.open(standIn);
  device = await web.link(standIn.phone);
});

afterEach(async () => {
  const usual = await startStandIn();
  Object.assign(standIn.page, usual.page, { syncDelayMs: 50 });
  await usual.close();
});

afterAll(async () => {
  await web.close();
  await standIn.close();
});

async function reload(): Promise<void> {
  await web.page.reload();
  await web.booted();
}

test('the page reloads itself as often as told, then boots', async () => {
  standIn.page.navigationsDuringBoot = 3;
  let navigations = 0;
  const count = () => navigations++;
  web.page.on('framenavigated', count);
  await reload();
  web.page.off('framenavigated', count);
  expect(navigations).toBe(4);
  expect(await web.page.evaluate(() => window.Debug?.VERSION)).toBe(standIn.page.version);
});

test('a slow boot shows nothing of the app until its time has come', async () => {
  standIn.page.bootDelayMs = 700;
  const start = performance.now();
  await web.page.reload();
  expect(await web.page.evaluate(() => 'require' in window || 'Debug' in window)).toBe(false);
  await web.booted();
  expect(performance.now() - start).toBeGreaterThanOrEqual(700);
});

test('scripts usually see the sync happen, with its progress', async () => {
  standIn.page.syncDelayMs = 1000;
  await reload();
  const seen = await web.page.evaluate(() => {
    const { Socket } = window.require('WAWebSocketModel');
    const { OfflineMessageHandler } = window.require('WAWebOfflineHandler');
    const progress: number[] = [];
    window.require('WAWebCmd').Cmd.on('offline_progress_update_from_bridge', () => {
      progress.push(OfflineMessageHandler.getOfflineDeliveryProgress());
    });
    return new Promise((resolve) => {
      Socket.on('change:hasSynced', (_, synced) => resolve({ synced, progress }));
    });
  });
  expect(seen).toEqual({ synced: true, progress: [25, 50, 75, 100] });
});

test('what arrived while away is shown at the end of the sync', async () => {
  await web.page.goto('about:blank');
  await device.waitUntilDisconnected();
  const body = 'x'.repeat(4096);
  const delivered = Promise.all(
    Array.from({ length: 1500 }, (_, number) => device.receive({ body: `${number} ${body}` })),
  );
  await web.page.goto('https://web.whatsapp.com/');
  await web.booted();
  const shown = await web.page.evaluate(() => {
    const { Msg } = window.require('WAWebCollections');
    const { Socket } = window.require('WAWebSocketModel');
    let count = Msg.getModelsArray().length === 0 ? 0 : Number.NaN;
    Msg.on('add', () => count++);
    return new Promise((resolve) => Socket.on('change:hasSynced', () => resolve(count)));
  });
  expect(shown).toBe(1500);
  await delivered;
});

test('the page has not synced before it has stored what waited for it', async () => {
  Object.assign(standIn.page, { syncDelayMs: 0, syncedAtBoot: true });
  await web.page.goto('about:blank');
  await device.waitUntilDisconnected();
  const delivered = Promise.all(
    Array.from({ length: 1500 }, () => device.receive({ body: 'x'.repeat(4096) })),
  );
  await web.page.goto('https://web.whatsapp.com/');
  await device.waitUntilSynced();
  expect(device.unacked).toBe(0);
  await delivered;
  await web.booted();
});

test('told so, the page has synced before scripts can look, and says nothing more', async () => {
  standIn.page.syncedAtBoot = true;
  await reload();
  const synced = await web.page.evaluate(() => window.require('WAWebSocketModel').Socket.hasSynced);
  expect(synced).toBe(true);
});

test('an unknown module, a withheld one and a withheld member are missing', async () => {
  standIn.page.withhold = ['WAWebCmd', 'WAWebSocketModel.Socket.takeover', 'WABase64.encodeB64'];
  await reload();
  const missing = await web.page.evaluate(() => {
    const thrown = (name: 'WAWebCmd') => {
      try {
        return String(window.require(name));
      } catch (error) {
        return String(error);
      }
    };
    return [
      thrown('WAWebCmd'),
      thrown('NoSuchModule' as 'WAWebCmd'),
      typeof window.require('WAWebSocketModel').Socket.takeover,
      typeof window.require('WAWebSocketModel').Socket.reconnect,
      'encodeB64' in window.require('WABase64'),
    ];
  });
  expect(missing).toEqual([
    'Error: Requiring unknown module "WAWebCmd"',
    'Error: Requiring unknown module "NoSuchModule"',
    'undefined',
    'function',
    false,
  ]);
});

test('the adv secret can be in the module where it was until March 2026', async () => {
  standIn.page.advSecretModule = 'WAWebAdvSignatureApi';
  await web.logOutBy(() => device.unlink());
  const where = await web.page.evaluate(() => [
    typeof window.require('WAWebUserPrefsMultiDevice').getADVSecretKey,
    typeof window.require('WAWebAdvSignatureApi').getADVSecretKey,
  ]);
  expect(where).toEqual(['undefined', 'function']);
  await web.link(standIn.phone);
});
