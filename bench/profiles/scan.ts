import type { Page } from 'puppeteer-core';
import type { Device, Phone } from '../../src/standin/index.js';

/** What the page's own modules give for a QR code, as clients put it together. */
const QR_TEXT = `(async () => {
  const { Socket } = require('WAWebSocketModel');
  await new Promise((resolve) => {
    const look = () => Socket.state === 'UNPAIRED' && resolve();
    Socket.on('change:state', look);
    look();
  });
  const { encodeB64 } = require('WABase64');
  const noise = await require('WAWebUserPrefsInfoStore').waNoiseInfo.get();
  const registration = await require('WAWebSignalStoreApi').waSignalStore.getRegistrationInfo();
  return [
    require('WAWebConnModel').Conn.ref,
    encodeB64(noise.staticKeyPair.pubKey),
    encodeB64(registration.identityKeyPair.pubKey),
    require('WAWebUserPrefsMultiDevice').getADVSecretKey(),
    require('WAWebCompanionRegClientUtils').DEVICE_PLATFORM,
  ].join(',');
})()`;

/** Links the page that shows a QR code; resolves when it is ready. */
export async function linkPage(page: Page, phone: Phone): Promise<Device> {
  const device = await phone.scan(String(await page.evaluate(QR_TEXT)));
  await device.waitUntilSynced();
  return device;
}
