import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { resetPage } from './stand-in-page.js';
import {
  browsersOf,
  type Device,
  link,
  type StandIn,
  startClient,
  startStandIn,
  temporaryProfiles,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
});
afterEach(() => resetPage(standIn));
afterAll(() => standIn.close());

test('a scan leads from qr to authenticated to ready, once each, and then all is known', async () => {
  const { client, log, initialized } = startClient(standIn);
  expect(client.info).toBeUndefined();
  expect(await client.getState()).toBeNull();
  await initialized;
  expect(await client.getState()).toBe('UNPAIRED');
  const [qr] = await log.until('qr');
  expect(qr.split(',')).toHaveLength(5);
  const device = await standIn.phone.scan(qr);
  await log.until('ready');
  expect(client.info).toMatchObject({
    wid: { user: '12025550108', server: 'c.us', _serialized: '12025550108@c.us' },
    pushname: 'Phone 0108',
    platform: 'android',
  });
  expect(client.info?.me).toEqual(client.info?.wid);
  expect(await client.getState()).toBe('CONNECTED');
  expect(await client.getWWebVersion()).toBe(standIn.page.version);
  // One round of messages later nothing else may have come.
  await device.receive({ body: 'ping' });
  await log.until('message');
  expect(log.names('qr', 'code', 'authenticated', 'ready', 'disconnected')).toEqual([
    'qr',
    'authenticated',
    'ready',
  ]);
  const order = log.names('change_state', 'authenticated', 'loading_screen', 'ready');
  expect(order.indexOf('authenticated')).toBeLessThan(order.indexOf('loading_screen'));
  expect(log.of('change_state').at(-1)).toEqual(['CONNECTED']);
  const percents = log.of('loading_screen').map(([percent]) => percent);
  expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  expect(device.name).toBe('Chrome (Linux)');
});

test('the QR is right when the page keeps the adv secret in its older module', async () => {
  standIn.page.advSecretModule = 'WAWebAdvSignatureApi';
  const device = await link(standIn, startClient(standIn));
  expect(device.linked).toBe(true);
});

test('deviceName and browserName are what the phone shows', async () => {
  const named = await link(
    standIn,
    startClient(standIn, { deviceName: 'Sales bot', browserName: 'Firefox' }),
  );
  expect(named.name).toBe('Firefox (Sales bot)');
});

test('a QR that ran out is followed by a new one, and the newest is the one that links', async () => {
  standIn.page.refLifetimesMs = [2_000, 100];
  standIn.page.refCount = 3;
  const started = startClient(standIn);
  const [first] = await started.log.until('qr', 1);
  // The page asks for no more refs by itself after the third.
  const [last] = await started.log.until('qr', 4);
  expect(new Set(started.log.of('qr').flat()).size).toBe(started.log.of('qr').length);
  await expect(standIn.phone.scan(first)).rejects.toThrow('not valid now');
  const device = await standIn.phone.scan(last);
  await started.log.until('ready');
  expect(device.linked).toBe(true);
  expect(started.log.of('change_state').flat()).toContain('UNPAIRED_IDLE');
});

test('after qrMaxRetries refreshes the client gives up and has closed everything', async () => {
  standIn.page.refLifetimesMs = [150, 150];
  const { client, log } = startClient(standIn, { qrMaxRetries: 2 });
  let left: unknown;
  client.on('disconnected', () => {
    left = { browsers: browsersOf(), folders: temporaryProfiles(), page: client.pupPage };
  });
  expect(await log.until('disconnected')).toEqual(['Max qrcode retries reached']);
  expect(left).toEqual({ browsers: [], folders: [], page: null });
  expect(log.of('qr')).toHaveLength(3);
  expect(await client.getState()).toBeNull();
});

test('retries are counted from each link on, so a client that was linked gets all of them again', async () => {
  const started = startClient(standIn, { qrMaxRetries: 2 });
  const device: Device = await link(standIn, started);
  standIn.page.refLifetimesMs = [150, 150];
  device.unlink();
  await started.log.until('disconnected', 2);
  expect(started.log.of('disconnected').flat()).toEqual(['LOGOUT', 'Max qrcode retries reached']);
  expect(started.log.of('qr')).toHaveLength(1 + 3);
});
