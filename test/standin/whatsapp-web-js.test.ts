import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Client, LocalAuth, type Message } from 'whatsapp-web.js';
import type { StandIn } from '../../src/standin/index.js';
import { browserArgs, CHROMIUM, startStandIn, withFolder } from './stand-in.js';

/** whatsapp-web.js attaches late and waits for ever if the page has synced before. */
const SYNC_DELAY_MS = 2000;

let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: SYNC_DELAY_MS } });
});

afterAll(() => standIn.close());

function createClient(dataPath: string, pairing = ''): Client {
  return new Client({
    authStrategy: new LocalAuth({ dataPath }),
    webVersionCache: { type: 'none' },
    deviceName: 'Old bot',
    pairWithPhoneNumber: { phoneNumber: pairing, showNotification: true, intervalMs: 180_000 },
    puppeteer: { executablePath: CHROMIUM, args: browserArgs(standIn) },
  });
}

function next<T>(client: Client, event: string): Promise<T> {
  return new Promise((resolve) => client.once(event, resolve));
}

test('whatsapp-web.js links by QR, talks, restarts without a QR, and hears of being unlinked', async () => {
  await withFolder(async (dataPath) => {
    const client = createClient(dataPath);
    const events: string[] = [];
    for (const event of ['qr', 'authenticated', 'ready'])
      client.on(event, () => events.push(event));
    const qr = next<string>(client, 'qr');
    const ready = next(client, 'ready');
    await client.initialize();
    const device = await standIn.phone.scan(await qr);
    await ready;
    expect(events).toEqual(['qr', 'authenticated', 'ready']);
    expect(device.name).toBe('Chrome (Old bot)');
    expect(client.info.wid._serialized).toBe('12025550108@c.us');
    expect(await client.getState()).toBe('CONNECTED');

    const created = next<Message>(client, 'message_create');
    const arrived = next<Message>(client, 'message');
    const id = await device.receive({ from: '12025550123@c.us', body: 'ping' });
    expect((await created).body).toBe('ping');
    const message = await arrived;
    expect(message).toMatchObject({ body: 'ping', from: '12025550123@c.us', type: 'chat' });

    const acks: number[] = [];
    const read = new Promise<void>((resolve) => {
      client.on('message_ack', (_, ack) => {
        acks.push(ack);
        if (ack === 3) resolve();
      });
    });
    await message.reply('pong');
    expect(await device.nextSent()).toMatchObject({
      chat: '12025550123@c.us',
      body: 'pong',
      quotedStanzaID: id,
    });
    await read;
    expect(acks).toEqual([1, 2, 3]);
    await client.sendMessage('12025550199@c.us', 'hello https://example.com');
    expect((await device.nextSent()).chat).toBe('12025550199@c.us');
    await client.destroy();

    const again = createClient(dataPath);
    const inject = vi.spyOn(again as Client & { inject(): Promise<void> }, 'inject');
    const asked = next(again, 'qr').then(() => 'qr');
    const readyAgain = next(again, 'ready').then(() => 'ready');
    await again.initialize();
    expect(await Promise.race([asked, readyAgain])).toBe('ready');
    expect(device.lost).toBe(0);
    expect(device.corruption).toEqual([]);
    expect(device.maxConnections).toBe(1);

    const reason = next<string>(again, 'disconnected');
    device.unlink();
    expect(await reason).toBe('LOGOUT');
    await asked;
    // It goes on injecting after the QR, and rejects unheard if it is ended meanwhile.
    await inject.mock.results.at(-1)?.value;
    await again.destroy();
  });
});

test('whatsapp-web.js links by pairing code, asks for a lost message again, and logs out', async () => {
  await withFolder(async (dataPath) => {
    const client = createClient(dataPath, standIn.phone.number);
    const code = next<string>(client, 'code');
    const ready = next(client, 'ready');
    await client.initialize();
    const device = await standIn.phone.enterCode(await code);
    await ready;

    const undecrypted = next<Message>(client, 'message_ciphertext');
    const arrived = next<Message>(client, 'message');
    await device.receiveUndecryptable({ body: 'late', answersResend: true });
    expect((await undecrypted).type).toBe('ciphertext');
    expect((await arrived).body).toBe('late');

    await client.logout();
    expect(device.linked).toBe(false);
    expect(standIn.phone.devices).toEqual([]);
  });
});
