import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client, type ClientOptions, collectWarnings, HoldfastError, NoAuth } from './support.js';

let warnings: ReturnType<typeof collectWarnings>;
beforeEach(() => {
  warnings = collectWarnings();
});
afterEach(() => warnings.stop());

/** Warnings are delivered in the next tick. */
const nextTick = () => new Promise((resolve) => setImmediate(resolve));

const DEFAULTS = {
  puppeteer: { headless: true, defaultViewport: null },
  authTimeoutMs: 30_000,
  qrMaxRetries: 0,
  takeoverOnConflict: false,
  takeoverTimeoutMs: 0,
  userAgent: undefined,
  deviceName: undefined,
  browserName: undefined,
  proxyAuthentication: undefined,
  bypassCSP: false,
  evalOnNewDoc: undefined,
  pairWithPhoneNumber: { phoneNumber: '', showNotification: true, intervalMs: 180_000 },
  handleSignals: true,
};

test('a client without options has the documented defaults and NoAuth', async () => {
  const client = new Client();
  expect(client.options).toEqual(DEFAULTS);
  expect(client.authStrategy).toBeInstanceOf(NoAuth);
  await nextTick();
  expect(warnings.list).toEqual([]);
});

test('options that are undefined are as if they were left out', () => {
  const names = Object.keys(DEFAULTS).concat('authStrategy', 'webVersion', 'ffmpegPath');
  const options = Object.fromEntries(names.map((name) => [name, undefined]));
  const client = new Client(options as ClientOptions);
  expect(client.options).toEqual(DEFAULTS);
  expect(client.authStrategy).toBeInstanceOf(NoAuth);
  expect(new Client(undefined).options).toEqual(DEFAULTS);
  expect(
    new Client({
      pairWithPhoneNumber: { phoneNumber: '12025550108', intervalMs: undefined },
    }).options.pairWithPhoneNumber,
  ).toEqual({ phoneNumber: '12025550108', showNotification: true, intervalMs: 180_000 });
});

test('an authTimeoutMs of 0 means 30 seconds, as in whatsapp-web.js', () => {
  expect(new Client({ authTimeoutMs: 0 }).options.authTimeoutMs).toBe(30_000);
  expect(new Client({ authTimeoutMs: 5 }).options.authTimeoutMs).toBe(5);
});

test('puppeteer options are completed, not replaced, and the object given stays as it was', () => {
  const puppeteer = Object.freeze({ headless: false, args: Object.freeze(['--mute-audio']) });
  const client = new Client({ puppeteer: puppeteer as never });
  expect(client.options.puppeteer).toEqual({
    headless: false,
    defaultViewport: null,
    args: ['--mute-audio'],
  });
});

test('the defaults of whatsapp-web.js can be given as they stand there', () => {
  const options = {
    puppeteer: { headless: true, defaultViewport: null },
    authTimeoutMs: 0,
    evalOnNewDoc: undefined,
    qrMaxRetries: 0,
    takeoverOnConflict: false,
    takeoverTimeoutMs: 0,
    userAgent: 'Mozilla/5.0',
    bypassCSP: false,
    proxyAuthentication: undefined,
    pairWithPhoneNumber: { phoneNumber: '', showNotification: true, intervalMs: 180_000 },
    deviceName: undefined,
    browserName: undefined,
  };
  expect(new Client(options).options).toMatchObject({ ...options, authTimeoutMs: 30_000 });
});

describe('an option that is unknown or ill-typed is an INVALID_OPTION that names it', () => {
  const wrong: [named: string, options: unknown][] = [
    ['qrMaxRetrys', { qrMaxRetrys: 3 }],
    ['session', { session: undefined }],
    ['toString', { toString: () => 'x' }],
    ['authStrategy', { authStrategy: 'LocalAuth' }],
    ['puppeteer', { puppeteer: '/usr/bin/chromium' }],
    ['authTimeoutMs', { authTimeoutMs: '5000' }],
    ['authTimeoutMs', { authTimeoutMs: -1 }],
    ['authTimeoutMs', { authTimeoutMs: Number.NaN }],
    ['authTimeoutMs', { authTimeoutMs: Number.POSITIVE_INFINITY }],
    ['qrMaxRetries', { qrMaxRetries: null }],
    ['takeoverOnConflict', { takeoverOnConflict: 'yes' }],
    ['takeoverTimeoutMs', { takeoverTimeoutMs: {} }],
    ['userAgent', { userAgent: true }],
    ['deviceName', { deviceName: 7 }],
    ['browserName', { browserName: ['Chrome'] }],
    ['proxyAuthentication', { proxyAuthentication: { username: 'me' } }],
    ['proxyAuthentication', { proxyAuthentication: 'me:secret' }],
    ['bypassCSP', { bypassCSP: 1 }],
    ['evalOnNewDoc', { evalOnNewDoc: {} }],
    ['handleSignals', { handleSignals: 'no' }],
    ['pairWithPhoneNumber', { pairWithPhoneNumber: '12025550108' }],
    ['pairWithPhoneNumber', { pairWithPhoneNumber: null }],
    ['pairWithPhoneNumber', { pairWithPhoneNumber: { phoneNumber: 12025550108 } }],
    [
      'pairWithPhoneNumber.showNotification',
      { pairWithPhoneNumber: { phoneNumber: '12025550108', showNotification: 'no' } },
    ],
    [
      'pairWithPhoneNumber.intervalMs',
      { pairWithPhoneNumber: { phoneNumber: '12025550108', intervalMs: '1' } },
    ],
    [
      'pairWithPhoneNumber.interval',
      { pairWithPhoneNumber: { phoneNumber: '12025550108', interval: 1 } },
    ],
    ['puppeteer.args', { puppeteer: { args: '--no-sandbox' } }],
    ['puppeteer.args', { puppeteer: { args: [1] } }],
    ['Options', null],
    ['Options', 'session'],
  ];
  test.each(wrong)('%s: %j', (named, options) => {
    const create = () => new Client(options as ClientOptions);
    expect(create).toThrow(HoldfastError);
    expect(create).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(named) }),
    );
  });
});

test('an option given twice the wrong way does not reach the password of a proxy into the message', () => {
  const options = { proxyAuthentication: { username: 'me', password: 5, note: 'hunter2' } };
  expect(() => new Client(options as never)).toThrow(/proxyAuthentication/);
  const asText = { proxyAuthentication: 'me:hunter2' };
  expect(() => new Client(asText as never)).toThrow(/proxyAuthentication must be .*is a string\.$/);
  expect(() => new Client(options as never)).not.toThrow(/hunter2/);
});

test.each(['webVersion', 'webVersionCache', 'ffmpegPath'])(
  '%s is accepted with one warning that it does nothing here',
  async (name) => {
    new Client({ [name]: name === 'webVersionCache' ? { type: 'none' } : '2.3000.1' });
    await nextTick();
    expect(warnings.list).toEqual([
      { code: 'OPTION_WITHOUT_EFFECT', message: expect.stringContaining(name) },
    ]);
  },
);
