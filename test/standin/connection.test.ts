import { afterAll, beforeAll, expect, test } from 'vitest';
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

afterAll(async () => {
  await web.close();
  await standIn.close();
});

test('reloading keeps the page linked, with one connection at a time', async () => {
  expect(standIn.linkingPages).toBe(1);
  const before = device.connectionCount;
  await web.page.reload();
  await web.booted();
  await device.waitUntilSynced();
  expect(device.connectionCount).toBe(before + 1);
  expect(device.connections).toBe(1);
  expect(device.maxConnections).toBe(1);
  expect(standIn.linkingPages).toBe(1);
  expect(device.corruption).toEqual([]);
  expect(device.lost).toBe(0);
});

test('a broken connection shows as TIMEOUT and not synced, and is made again', async () => {
  await web.recordChanges();
  device.drop();
  await device.waitUntilDisconnected();
  await device.waitUntilSynced();
  expect(await web.recordedChanges()).toEqual([
    'state TIMEOUT',
    'hasSynced false',
    'state OPENING',
    'state CONNECTED',
    'hasSynced true',
  ]);
});

test('while unreachable the port refuses, and the page goes on when it is back', async () => {
  await standIn.setReachable(false);
  await web.waitForState('TIMEOUT');
  const other = await web.browser.newPage();
  await expect(other.goto('https://web.whatsapp.com/')).rejects.toThrow('ERR_CONNECTION_REFUSED');
  await other.close();
  expect(device.connections).toBe(0);
  await standIn.setReachable(true);
  await device.waitUntilSynced();
  expect(await web.state()).toBe('CONNECTED');
});

test('of two pages the newer wins, until the older one takes over', async () => {
  const newer = await WebPage.openIn(web.browser);
  await web.waitForState('CONFLICT');
  await newer.waitForState('CONNECTED');
  expect(device.maxConnections).toBe(2);
  await web.page.evaluate(() => window.require('WAWebSocketModel').Socket.takeover());
  await newer.waitForState('CONFLICT');
  await web.waitForState('CONNECTED');
  await newer.page.close();
  await device.waitUntilSynced();
  expect(device.connections).toBe(1);
  expect(device.corruption).toEqual([]);
});

test('a conflict without a rival stays until the page reconnects', async () => {
  device.conflict();
  await web.waitForState('CONFLICT');
  await device.waitUntilDisconnected();
  expect(await web.state()).toBe('CONFLICT');
  await web.page.evaluate(() => window.require('WAWebSocketModel').Socket.reconnect());
  await device.waitUntilSynced();
});

test('a forced state stays over a reload while the device is linked, until CONNECTED is forced', async () => {
  device.forceState('PROXYBLOCK');
  await web.waitForState('PROXYBLOCK');
  await web.page.reload();
  await web.booted();
  await web.waitForState('PROXYBLOCK');
  expect(device.linked).toBe(true);
  device.forceState('CONNECTED');
  await device.waitUntilSynced();
  expect(await web.state()).toBe('CONNECTED');
});

test('unlinking on the phone clears the page’s storage, tells its scripts, and shows a QR', async () => {
  const events: string[] = [];
  await web.page.exposeFunction('told', (event: string) => events.push(event));
  await web.page.evaluate(() => {
    window.require('WAWebCmd').Cmd.on('logout', () => Object(window).told('logout'));
  });
  await web.logOutBy(() => device.unlink());
  expect(events).toEqual(['logout']);
  expect(web.page.url()).toContain('post_logout=1');
  expect(standIn.phone.devices).toEqual([]);
  expect(await web.page.evaluate(() => localStorage.getItem('last-wid-md'))).toBeNull();
  expect(await web.qr()).toContain('2@');
});

test('the page’s own logout answers its caller and unlinks the device', async () => {
  device = await web.link(standIn.phone);
  await web.logOutBy(async () => {
    await web.page.evaluate(() => window.require('WAWebSocketModel').Socket.logout());
  });
  expect(device.linked).toBe(false);
  expect(device.connections).toBe(0);
  await web.waitForState('UNPAIRED');
});
