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

/** Collects what the page's message events say from now on. */
async function recordMessageEvents(): Promise<() => Promise<string[]>> {
  await web.page.evaluate(() => {
    const { Msg } = window.require('WAWebCollections');
    const events: string[] = [];
    Object.assign(window, { messageEvents: events });
    Msg.on('add', (message) => events.push(`add ${Object(message).type} ${Object(message).body}`));
    Msg.on('change:type', (message, type) => events.push(`type ${type} ${Object(message).body}`));
    Msg.on('change:ack', (message, ack) => events.push(`ack ${ack} ${Object(message).body}`));
  });
  return () => web.page.evaluate(() => Object(window).messageEvents);
}

test('a message arrives in the shape clients read, and is still there after a reload', async () => {
  const id = await device.receive({ from: '12025550123@c.us', body: 'hello' });
  const key = `false_12025550123@c.us_${id}`;
  await web.waitForMessage('hello');
  const [serialized] = await web.page.evaluate(() =>
    window
      .require('WAWebCollections')
      .Msg.getModelsArray()
      .map((message) => message.serialize()),
  );
  expect(serialized).toMatchObject({
    id: {
      fromMe: false,
      remote: { _serialized: '12025550123@c.us' },
      id,
      _serialized: key,
    },
    from: { _serialized: '12025550123@c.us' },
    to: { _serialized: '12025550108@c.us' },
    body: 'hello',
    type: 'chat',
    isNewMsg: true,
  });
  expect(serialized?.t).toBeCloseTo(Date.now() / 1000, -2);
  await web.page.reload();
  await web.booted();
  const found = await web.page.evaluate(async (wanted) => {
    const { messages } = await window.require('WAWebCollections').Msg.getMessagesById([wanted]);
    return messages.map((message) => message.body);
  }, key);
  expect(found).toEqual(['hello']);
});

test('a message in a group names its author', async () => {
  const from = '120363000000000001@g.us';
  const id = await device.receive({ from, author: '12025550123@c.us', body: 'in the group' });
  await web.waitForMessage('in the group');
  const keys = await web.messages('key');
  expect(keys).toContain(`false_${from}_${id}_12025550123@c.us`);
});

test('what the page sends reaches the phone’s side, which acknowledges it step by step', async () => {
  standIn.phone.readsMessages = false;
  const events = await recordMessageEvents();
  await web.send('12025550123@c.us', 'out');
  const sent = await device.nextSent();
  expect(sent).toMatchObject({ chat: '12025550123@c.us', body: 'out', fromMe: true });
  await device.waitUntilDelivered();
  await sent.acknowledge(2);
  await sent.acknowledge(3);
  await web.waitForMessage('out', { ack: 3 });
  expect(await events()).toEqual(['add chat out', 'ack 1 out', 'ack 2 out', 'ack 3 out']);
  standIn.phone.readsMessages = true;
});

test('what is written without a connection is sent once it is back, once', async () => {
  await standIn.setReachable(false);
  await web.waitForState('TIMEOUT');
  await web.send('12025550123@c.us', 'from the tunnel', { wait: false });
  const before = device.sent.length;
  await standIn.setReachable(true);
  expect((await device.nextSent()).body).toBe('from the tunnel');
  await web.waitForMessage('from the tunnel', { ack: 3 });
  device.drop();
  await device.waitUntilDisconnected();
  await device.waitUntilSynced();
  await device.waitUntilDelivered();
  expect(device.sent.length).toBe(before + 1);
});

test('a message that reaches the server twice counts once', async () => {
  await web.page.evaluate(() => {
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      send.call(this, data);
      if (String(data).includes('"type":"send"')) send.call(this, data);
      WebSocket.prototype.send = send;
    };
  });
  const before = device.sent.length;
  await web.send('12025550123@c.us', 'doubled');
  await web.send('12025550123@c.us', 'single');
  expect(device.sent.slice(before).map((sent) => sent.body)).toEqual(['doubled', 'single']);
});

test('what arrives while the page is away is delivered on its return', async () => {
  await standIn.setReachable(false);
  await device.waitUntilDisconnected();
  const delivered = device.receive({ body: 'waited' });
  await standIn.setReachable(true);
  await delivered;
  await web.waitForMessage('waited');
});

test('what the owner writes on the phone shows up as the account’s own', async () => {
  const id = await standIn.phone.send({ to: '12025550123@c.us', body: 'typed on the phone' });
  await web.waitForMessage('typed on the phone');
  expect(await web.messages('key')).toContain(`true_12025550123@c.us_${id}`);
});

test('an undecryptable message comes when asked for again, if scripts allowed the asking', async () => {
  const events = await recordMessageEvents();
  await device.receiveUndecryptable({ body: 'secret', answersResend: true });
  await device.receiveUndecryptable({ body: 'never', answersResend: false });
  await web.askForPlaceholders({ enabled: false });
  // Answered after anything asked before it.
  await web.send('12025550123@c.us', 'marker');
  expect(await web.messages('body')).not.toContain('secret');
  await web.askForPlaceholders({ enabled: true });
  await web.waitForMessage('secret');
  await device.waitUntilDelivered();
  expect((await events()).filter((event) => !event.includes('marker'))).toEqual([
    'add ciphertext undefined',
    'add ciphertext undefined',
    'type chat secret',
  ]);
});

test('a message tells its own listeners once when it has been decrypted', async () => {
  await web.page.evaluate(() => {
    window.require('WAWebCollections').Msg.on('add', (value) => {
      const message = Object(value);
      message.once('change:type', (changed: { body: string }) => {
        Object.assign(window, { decrypted: changed.body, same: changed === message });
      });
    });
  });
  await device.receiveUndecryptable({ body: 'for listeners', answersResend: true, subtype: 'x' });
  await web.askForPlaceholders({ enabled: true });
  await web.waitForMessage('for listeners');
  const heard = await web.page.evaluate(() => [Object(window).decrypted, Object(window).same]);
  expect(heard).toEqual(['for listeners', true]);
});
