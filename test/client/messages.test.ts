import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resetPage } from './stand-in-page.js';
import {
  type ClientOptions,
  createClient,
  type Device,
  failureOf,
  LocalAuth,
  link,
  type StandIn,
  type StartedClient,
  startClient,
  startStandIn,
  withFolder,
} from './support.js';

const SOMEBODY = '12025550123@c.us';
const ME = '12025550108@c.us';
const GROUP = '120363000000000001@g.us';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
});
afterAll(() => standIn.close());

/** A linked client for one group of tests. */
async function linked(options: ClientOptions = {}): Promise<StartedClient & { device: Device }> {
  const started = startClient(standIn, options);
  const device = await link(standIn, started);
  return { ...started, device };
}

describe('sendMessage()', () => {
  test('before the client is ready is NOT_READY', async () => {
    const client = createClient(standIn);
    expect(await failureOf(client.sendMessage(SOMEBODY, 'hello'))).toMatchObject({
      code: 'NOT_READY',
      transient: true,
    });
    const { log, client: waiting } = startClient(standIn);
    await log.until('qr');
    expect((await failureOf(waiting.sendMessage(SOMEBODY, 'hello'))).code).toBe('NOT_READY');
  });

  test('of something else than text is UNSUPPORTED_CONTENT', async () => {
    const client = createClient(standIn);
    for (const content of [{ mimetype: 'image/png', data: '' }, undefined, 5]) {
      const error = await failureOf(client.sendMessage(SOMEBODY, content as never));
      expect(error.code).toBe('UNSUPPORTED_CONTENT');
      expect(error.message).toContain('whatsapp-web.js');
    }
  });
});

test('messages come, are answered and acknowledged, with whatsapp-web.js’s fields', async () => {
  const { client, log, device } = await linked();

  // One from somebody.
  const id = await device.receive({ from: SOMEBODY, body: 'ping' });
  const [message] = await log.until('message');
  expect(message).toMatchObject({
    id: { fromMe: false, remote: SOMEBODY, id, _serialized: `false_${SOMEBODY}_${id}` },
    body: 'ping',
    type: 'chat',
    from: SOMEBODY,
    to: ME,
    author: undefined,
    fromMe: false,
    hasMedia: false,
    isForwarded: false,
    isStatus: false,
  });
  expect(Math.abs(message.timestamp - Date.now() / 1000)).toBeLessThan(60);
  expect(log.names('message', 'message_create')).toEqual(['message_create', 'message']);
  expect(log.of('message_create')[0]?.[0].id).toEqual(message.id);

  // Its answer, quoting it.
  standIn.phone.readsMessages = false;
  const answer = await message.reply('pong');
  expect(answer).toMatchObject({ body: 'pong', fromMe: true, from: ME, to: SOMEBODY, ack: 0 });
  const sent = await device.nextSent();
  expect(sent).toMatchObject({ chat: SOMEBODY, body: 'pong', quotedStanzaID: id });
  expect(answer.id).toEqual({
    fromMe: true,
    remote: SOMEBODY,
    id: sent.id,
    _serialized: `true_${SOMEBODY}_${sent.id}`,
  });
  await sent.acknowledge(2);
  await sent.acknowledge(3);
  standIn.phone.readsMessages = true;
  await log.until('message_ack', 3);
  const acks = log.of('message_ack').map(([{ id, ack }, now]) => [id._serialized, ack, now]);
  expect(acks).toEqual([1, 2, 3].map((ack) => [answer.id._serialized, ack, ack]));

  // One's own is a message_create only.
  expect(log.of('message_create').at(-1)?.[0]).toMatchObject({ body: 'pong', fromMe: true });
  expect(log.of('message')).toHaveLength(1);

  // One that the owner wrote on the phone.
  await standIn.phone.send({ to: SOMEBODY, body: 'from the phone' });
  const [own] = await log.until('message_create', 3);
  expect(own).toMatchObject({ body: 'from the phone', fromMe: true, from: ME, to: SOMEBODY });
  // Answering oneself goes to the chat, not to oneself.
  await own.reply('and from here');
  expect(await device.nextSent()).toMatchObject({ chat: SOMEBODY, quotedStanzaID: own.id.id });

  // One that the page reads back from its history is not new.
  await client.pupPage?.evaluate(() => {
    const { Msg } = Object(window).require('WAWebCollections');
    const [known] = Msg.getModelsArray();
    known.isNewMsg = false;
    Msg.add(known);
  });

  // In a group, the author is told, and the answer goes to the group.
  await device.receive({ from: GROUP, author: SOMEBODY, body: 'all' });
  const [inGroup] = await log.until('message', 2);
  expect(log.of('message_create')).toHaveLength(5);
  expect(inGroup).toMatchObject({ from: GROUP, author: SOMEBODY, body: 'all' });
  await inGroup.reply('to all');
  expect(await device.nextSent()).toMatchObject({ chat: GROUP, body: 'to all', author: ME });
  await inGroup.reply('to you', SOMEBODY);
  expect(await device.nextSent()).toMatchObject({ chat: SOMEBODY, body: 'to you' });

  // To a chat that is not there yet, any text.
  const text = 'hello 👋\n\u2028"quoted" \\ $& <b>';
  await client.sendMessage('12025550777@c.us', text);
  expect(await device.nextSent()).toMatchObject({ chat: '12025550777@c.us', body: text });

  // Quoting what is not there sends without a quote.
  await client.sendMessage(SOMEBODY, 'hm', { quotedMessageId: `false_${SOMEBODY}_NONE` });
  const unquoted = await device.nextSent();
  expect(unquoted.body).toBe('hm');
  expect(unquoted.quotedStanzaID).toBeUndefined();

  // To what is no chat at all.
  const error = await failureOf(client.sendMessage('nobody', 'hello'));
  expect(error.code).toBe('SEND_FAILED');
  expect(error.message).toContain('nobody');
});

test('a message that cannot be decrypted is announced, asked for again, and then comes or is given up', async () => {
  const { log, device } = await linked();
  const answered = await device.receiveUndecryptable({ body: 'late', answersResend: true });
  const lost = await device.receiveUndecryptable({ body: 'lost', answersResend: false });
  const fanout = await device.receiveUndecryptable({
    body: 'never',
    answersResend: true,
    subtype: 'bot_unavailable_fanout',
  });
  await log.until('message_ciphertext', 3);
  const ids = (name: 'message' | 'message_ciphertext' | 'message_ciphertext_failed') =>
    log.of(name).map(([message]) => message.id.id);
  expect(ids('message_ciphertext')).toEqual([answered, lost, fanout]);
  expect(log.of('message_ciphertext')[0]?.[0]).toMatchObject({ type: 'ciphertext', body: '' });
  expect(log.of('message')).toEqual([]);

  const [message] = await log.until('message');
  expect(message).toMatchObject({ id: { id: answered }, type: 'chat', body: 'late' });
  // The patience of the one that is never answered is over last.
  await log.until('message_ciphertext_failed');
  expect(ids('message_ciphertext_failed')).toEqual([lost]);
  expect(ids('message')).toEqual([answered]);
  expect(log.of('message_create')).toHaveLength(1);
});

test('what came while the client was away is emitted after ready, once, in order', async () => {
  await withFolder(async (dataPath) => {
    const options: ClientOptions = { authStrategy: new LocalAuth({ dataPath }) };
    const first = await linked(options);
    await first.device.receive({ body: 'before' });
    await first.log.until('message');
    await first.client.destroy();
    const bodies = Array.from({ length: 30 }, (_, at) => `away ${at}`);
    for (const body of bodies) void first.device.receive({ body });

    const { log } = startClient(standIn, options);
    await log.until('message', bodies.length);
    await first.device.receive({ body: 'after' });
    await log.until('message', bodies.length + 1);
    expect(log.of('message').map(([{ body }]) => body)).toEqual([...bodies, 'after']);
    expect(log.names('ready', 'message')[0]).toBe('ready');
    expect(log.of('message_create')).toHaveLength(bodies.length + 1);
  });
});

test('200 messages of 4 KB a second for 5 s are all emitted, once each, in order', async () => {
  const { log, device } = await linked();
  const traffic = device.startTraffic({ perSecond: 200, bytes: 4096 });
  await log.until('message', 1000);
  await traffic.stop();
  await log.until('message', traffic.sent);
  const numbers = log.of('message').map(([{ body }]) => Number.parseInt(body, 10));
  expect(numbers).toEqual(Array.from({ length: traffic.sent }, (_, at) => at));
  expect(log.of('message_create')).toHaveLength(traffic.sent);
  expect(new Set(log.of('message').map(([{ body }]) => body.length))).toEqual(new Set([4096]));
});
