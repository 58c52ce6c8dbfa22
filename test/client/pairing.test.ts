import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { resetPage } from './stand-in-page.js';
import {
  browsersOf,
  createClient,
  failureOf,
  link,
  type StandIn,
  startClient,
  startStandIn,
} from './support.js';

let standIn: StandIn;
let phoneNumber: string;
beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
  phoneNumber = standIn.phone.number;
});
afterEach(() => resetPage(standIn));
afterAll(() => standIn.close());

test('with pairWithPhoneNumber a code comes instead of a qr, and the code links', async () => {
  // A QR would come at once, and again and again.
  standIn.page.refLifetimesMs = [100, 100];
  standIn.page.refCount = 1000;
  const { log } = startClient(standIn, { pairWithPhoneNumber: { phoneNumber } });
  const [code] = await log.until('code');
  expect(code).toMatch(/^[1-9A-Z]{8}$/);
  const device = await standIn.phone.enterCode(code);
  await log.until('ready');
  expect(device.linked).toBe(true);
  expect(log.names('qr', 'code', 'authenticated', 'ready')).toEqual([
    'code',
    'authenticated',
    'ready',
  ]);
});

test('a new code comes each time the interval has passed, and none once linked', async () => {
  const { log } = startClient(standIn, {
    pairWithPhoneNumber: { phoneNumber, intervalMs: 300 },
  });
  await log.until('code', 3);
  const codes = log.of('code').flat();
  expect(new Set(codes).size).toBe(codes.length);
  await expect(standIn.phone.enterCode(codes[0] ?? '')).rejects.toThrow('not valid now');
  const device = await standIn.phone.enterCode(await standIn.phone.waitForCode());
  await log.until('ready');
  const count = log.of('code').length;
  // As long as three intervals.
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await device.receive({ body: 'still here' });
  }
  expect(log.of('code')).toHaveLength(count);
});

test('requestPairingCode() answers with the code it emits, and QRs stop', async () => {
  standIn.page.refLifetimesMs = [300, 300];
  standIn.page.refCount = 1000;
  const { client, log } = startClient(standIn);
  await log.until('qr');
  const code = await client.requestPairingCode(`+${phoneNumber.slice(0, 1)} (202) 555-0108`);
  const qrCount = log.of('qr').length;
  expect(log.of('code')).toEqual([[code]]);
  const second = await client.requestPairingCode(phoneNumber, false, 300);
  await log.until('code', 4);
  expect(second).not.toBe(code);
  expect(log.of('qr')).toHaveLength(qrCount);
  await standIn.phone.enterCode(await standIn.phone.waitForCode());
  await log.until('ready');
  expect(log.names('authenticated', 'ready')).toEqual(['authenticated', 'ready']);
});

test('cancelPairingCode() brings QRs back, which link, and no code follows', async () => {
  const { client, log } = startClient(standIn, {
    pairWithPhoneNumber: { phoneNumber, intervalMs: 200 },
  });
  await log.until('code', 2);
  expect(log.of('qr')).toEqual([]);
  await client.cancelPairingCode();
  const [qr] = await log.until('qr');
  const codes = log.of('code').length;
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(log.of('code')).toHaveLength(codes);
  await standIn.phone.scan(qr);
  await log.until('ready');
});

test('a page that navigates while a code is shown goes on with a code, not with a QR', async () => {
  const { client, log } = startClient(standIn);
  await log.until('qr');
  await client.requestPairingCode(phoneNumber);
  const qrCount = log.of('qr').length;
  await client.pupPage?.reload();
  await log.until('code', 2);
  await standIn.phone.enterCode(await standIn.phone.waitForCode());
  await log.until('ready');
  expect(log.of('qr')).toHaveLength(qrCount);
});

test('a client that is not initialized has no pairing code to give', async () => {
  const client = createClient(standIn);
  expect((await failureOf(client.requestPairingCode(phoneNumber))).code).toBe('NOT_INITIALIZED');
  expect((await failureOf(client.cancelPairingCode())).code).toBe('NOT_INITIALIZED');
});

test('a wrong phone number is an INVALID_PHONE_NUMBER that leaves the QR as it is', async () => {
  const { client, log } = startClient(standIn);
  const [qr] = await log.until('qr');
  for (const wrong of ['', 'abc', '+0 12345678', '123', '1234567890123456', undefined]) {
    const error = await failureOf(client.requestPairingCode(wrong as string));
    expect(error.code).toBe('INVALID_PHONE_NUMBER');
    expect(error.message).toContain(JSON.stringify(wrong) ?? 'undefined');
  }
  await standIn.phone.scan(qr);
  await log.until('ready');
});

test('a wrong phone number in the options is refused at once', () => {
  const create = () => createClient(standIn, { pairWithPhoneNumber: { phoneNumber: '0202 555' } });
  expect(create).toThrow(expect.objectContaining({ code: 'INVALID_PHONE_NUMBER' }));
});

test('a number that WhatsApp refuses is a LINKING_FAILED, and the client goes on with a QR', async () => {
  const { client, log } = startClient(standIn);
  await log.until('qr');
  const error = await failureOf(client.requestPairingCode('19995550100'));
  expect(error.code).toBe('LINKING_FAILED');
  expect(error.message).toContain('19995550100: no pairing code: no phone has the number');
  const [qr] = await log.until('qr', 2);
  await standIn.phone.scan(qr);
  await log.until('ready');
});

test('a number in the options that WhatsApp refuses rejects initialize(), and nothing is left', async () => {
  const { initialized } = startClient(standIn, {
    pairWithPhoneNumber: { phoneNumber: '19995550100' },
  });
  expect((await failureOf(initialized)).code).toBe('LINKING_FAILED');
  expect(browsersOf()).toEqual([]);
});

test('a linked client gives no pairing code', async () => {
  const started = startClient(standIn);
  await link(standIn, started);
  const error = await failureOf(started.client.requestPairingCode(phoneNumber));
  expect(error.code).toBe('ALREADY_LINKED');
  expect(started.log.of('code')).toEqual([]);
});
