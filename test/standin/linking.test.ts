import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StandIn } from '../../src/standin/index.js';
import { startStandIn } from './stand-in.js';
import { WebPage } from './web-page.js';

let standIn: StandIn;
let web: WebPage;

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
  web = await WebPage.open(standIn);
});

afterAll(async () => {
  await web.close();
  await standIn.close();
});

/** Opens the page anew, not linked, with what was set in `standIn.page` since. */
async function reload(): Promise<void> {
  await web.page.reload();
  await web.booted();
}

test('a QR code with any of its five parts wrong is refused with the reason', async () => {
  const parts = (await web.qr()).split(',');
  expect(parts).toHaveLength(5);
  const wrong = (index: number, value: string) => parts.with(index, value).join(',');
  const someKey = Buffer.alloc(32).toString('base64');
  await expect(standIn.phone.scan(wrong(0, '2@none'))).rejects.toThrow('not valid now');
  await expect(standIn.phone.scan(wrong(1, someKey))).rejects.toThrow('static key');
  await expect(standIn.phone.scan(wrong(2, someKey))).rejects.toThrow('identity key');
  await expect(standIn.phone.scan(wrong(3, someKey))).rejects.toThrow('adv secret');
  await expect(standIn.phone.scan(wrong(4, '99'))).rejects.toThrow('platform');
  await expect(standIn.phone.scan(parts.slice(0, 4).join(','))).rejects.toThrow('not a QR code');
  expect(standIn.phone.devices).toEqual([]);
  expect(await web.state()).toBe('UNPAIRED');
});

test('a right QR code links after wrong ones, and the phone shows the browser’s name', async () => {
  await web.page.evaluate(() => {
    const utils = window.require('WAWebMiscBrowserUtils');
    const { info } = utils;
    utils.info = () => ({ ...info(), os: 'My bot' });
  });
  const device = await web.link(standIn.phone);
  expect(device.name).toBe('Chrome (My bot)');
  expect(standIn.phone.devices).toEqual([device]);
  expect(await web.state()).toBe('CONNECTED');
  await web.logOutBy(() => device.unlink());
});

test('refs change, an old one no longer links, and they end until new ones are asked for', async () => {
  standIn.page.refLifetimesMs = [600, 200];
  standIn.page.refCount = 2;
  await reload();
  const first = await web.qr();
  await web.waitForRef(first.split(',')[0] ?? '');
  await expect(standIn.phone.scan(first)).rejects.toThrow('not valid now');
  await web.waitForState('UNPAIRED_IDLE');
  standIn.page.refLifetimesMs = [60_000, 20_000];
  await web.page.evaluate(() => window.require('WAWebCmd').Cmd.refreshQR());
  expect((await web.qr()).split(',')[0]).not.toBe(first.split(',')[0]);
});

test('no ref appears while a pairing code is used, and the code links', async () => {
  standIn.page.refLifetimesMs = [300, 300];
  standIn.page.refCount = 100;
  await reload();
  await web.waitForState('UNPAIRED');
  const { code, refs } = await web.page.evaluate(async (phoneNumber) => {
    const api = window.require('WAWebAltDeviceLinkingApi');
    api.setPairingType('ALT_DEVICE_LINKING');
    await api.initializeAltDeviceLinking();
    const code = await api.startAltLinkingFlow(phoneNumber, true);
    const refs: unknown[] = [];
    window.require('WAWebConnModel').Conn.on('change:ref', (_, ref) => refs.push(ref));
    await new Promise((resolve) => setTimeout(resolve, 900));
    return { code, refs };
  }, standIn.phone.number);
  expect(refs).toEqual([]);
  expect(code).toMatch(/^[1-9A-Z]{8}$/);
  expect(await standIn.phone.waitForCode()).toBe(code);
  const other = standIn.addPhone('12025550199');
  await expect(other.enterCode(code)).rejects.toThrow('not valid now');
  await expect(standIn.phone.enterCode('AAAAAAAA')).rejects.toThrow('not valid now');
  const device = await standIn.phone.enterCode(code);
  await device.waitUntilSynced();
  expect(device.wid).toMatch(/^12025550108:\d+@c\.us$/);
  await web.logOutBy(() => device.unlink());
});

test('leaving the pairing code brings QR codes back', async () => {
  await web.waitForState('UNPAIRED');
  const changed = await web.page.evaluate(async (phoneNumber) => {
    const api = window.require('WAWebAltDeviceLinkingApi');
    await api.initializeAltDeviceLinking();
    await api.startAltLinkingFlow(phoneNumber, true);
    const ref = new Promise((resolve) => {
      window.require('WAWebConnModel').Conn.on('change:ref', (_, ref) => resolve(ref));
    });
    window.require('WAWebLaunchSocketUtils').refreshQR();
    await api.initializeQRLinking();
    return ref;
  }, standIn.phone.number);
  expect(changed).toMatch(/^2@/);
});

test('a pairing code for a number without a phone is refused', async () => {
  const refused = web.page.evaluate(() =>
    window.require('WAWebAltDeviceLinkingApi').startAltLinkingFlow('19995550100', true),
  );
  await expect(refused).rejects.toThrow('no phone has the number "19995550100"');
});
