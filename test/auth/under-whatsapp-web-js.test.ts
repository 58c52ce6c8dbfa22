import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Client, type AuthStrategy as TheirStrategy } from 'whatsapp-web.js';
import type { AuthStrategy } from '../../src/index.js';
import { installFolder, startProgram, until } from '../client/processes.js';
import {
  browsersOf,
  CHROMIUM,
  LocalAuth,
  NoAuth,
  type StandIn,
  startStandIn,
  TEMPORARY,
} from '../client/support.js';
import { browserArgs } from '../standin/stand-in.js';

/** whatsapp-web.js attaches late and waits for ever if the page has synced before. */
const SYNC_DELAY_MS = 2000;

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: SYNC_DELAY_MS } });
});
afterAll(() => standIn.close());
// whatsapp-web.js waits for a browser's main process only; its helpers end a moment later.
afterEach(() => until('end of the helpers', () => browsersOf().length === 0, 5000));

const newDataPath = () => mkdtempSync(path.join(TEMPORARY, 'data-'));

function createClient(authStrategy: AuthStrategy, puppeteer: object): Client {
  const client = new Client({
    authStrategy: authStrategy as unknown as TheirStrategy,
    webVersionCache: { type: 'none' },
    puppeteer,
  });
  onTestFinished(() => client.destroy());
  return client;
}

function next<T>(client: Client, event: string): Promise<T> {
  return new Promise((resolve) => client.once(event, resolve));
}

test('LocalAuth keeps the login, also of a device linked anew in one process', async () => {
  const dataPath = newDataPath();
  const puppeteer = { executablePath: CHROMIUM, args: browserArgs(standIn) };
  const given = structuredClone(puppeteer.args);
  const signals = process.listenerCount('SIGTERM');
  const first = createClient(new LocalAuth({ dataPath }), puppeteer);
  const inject = vi.spyOn(first as Client & { inject(): Promise<void> }, 'inject');
  const qr = next<string>(first, 'qr');
  const ready = next(first, 'ready');
  await first.initialize();
  const device = await standIn.phone.scan(await qr);
  await ready;
  expect(puppeteer.args).toEqual(given);
  expect(puppeteer).not.toHaveProperty('userDataDir');
  expect(first.pupBrowser?.process()?.spawnargs).toContain('--remote-debugging-pipe');

  const reason = next(first, 'disconnected');
  const nextQr = next<string>(first, 'qr');
  const readyAgain = next(first, 'ready');
  device.unlink();
  expect(await reason).toBe('LOGOUT');
  const code = await nextQr;
  await inject.mock.results.at(-1)?.value;
  const relinked = await standIn.phone.scan(code);
  await readyAgain;
  await first.destroy();
  expect(process.listenerCount('SIGTERM')).toBe(signals);

  const second = createClient(new LocalAuth({ dataPath }), puppeteer);
  const asked = next(second, 'qr').then(() => 'qr');
  const stillLinked = next(second, 'ready').then(() => 'ready');
  await second.initialize();
  expect(await Promise.race([asked, stillLinked])).toBe('ready');
  expect(relinked).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });

  await second.logout();
  expect(relinked.linked).toBe(false);
  expect(existsSync(path.join(dataPath, 'session'))).toBe(false);
  expect(process.listenerCount('SIGTERM')).toBe(signals);
});

test('NoAuth links, and the next start asks again', async () => {
  const options = { executablePath: CHROMIUM, args: browserArgs(standIn) };
  for (let n = 1; n <= 2; n++) {
    const client = createClient(new NoAuth(), options);
    const qr = next<string>(client, 'qr');
    const ready = next(client, 'ready');
    await client.initialize();
    await standIn.phone.scan(await qr);
    await ready;
    await client.destroy();
  }
});

test('SIGTERM closes the browser properly before the process ends', async () => {
  const script = `
    const { Client } = require(${JSON.stringify(require.resolve('whatsapp-web.js'))});
    const { LocalAuth } = require('holdfast');
    const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
    const client = new Client({
      authStrategy: new LocalAuth(),
      webVersionCache: { type: 'none' },
      puppeteer: JSON.parse(process.env.OPTIONS),
    });
    client.on('qr', (qr) => say('qr', qr));
    client.on('ready', () => say('ready'));
    client.initialize();
  `;
  const folder = installFolder();
  const OPTIONS = JSON.stringify({ executablePath: CHROMIUM, args: browserArgs(standIn) });
  const first = startProgram(script, { folder, env: { OPTIONS } });
  await standIn.phone.scan(await first.until('qr'));
  await first.until('ready');
  first.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: null, signal: 'SIGTERM' });
  await until('end of the helpers', () => browsersOf(folder).length === 0, 5000);
  const preferences = path.join(folder, '.wwebjs_auth/session/Default/Preferences');
  expect(JSON.parse(readFileSync(preferences, 'utf8')).profile.exit_type).toBe('Normal');

  const second = startProgram(script, { folder, env: { OPTIONS } });
  await second.until('ready');
  expect(second.names()).toEqual(['ready']);
  second.kill('SIGTERM');
  await second.exited;
});
