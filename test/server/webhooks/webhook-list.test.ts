import { expect, test } from 'vitest';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { MAX_CELL_BYTES } from '../../../src/objects/object-store.js';
import { MOST_WEBHOOKS } from '../../../src/server/webhooks/webhook-list.js';
import { SECRET, startWebhooks } from './started.js';

const KEY = 'fleet/webhooks';
const URL = 'http://10.0.0.5/t0ken';

async function cellOf(store: MemoryObjects): Promise<{ text: string; version: string | null }> {
  const cell = await store.readCell(KEY);
  return { text: Buffer.from(cell?.value ?? []).toString(), version: cell?.version ?? null };
}

test('the store does not tell who is told, nor a secret', async () => {
  const store = new MemoryObjects();
  const { webhooks } = await startWebhooks({ store });
  const { id, secret } = await webhooks.add({ url: URL });
  const { text } = await cellOf(store);
  for (const hidden of [id, secret, 't0ken', '10.0.0.5']) expect(text).not.toContain(hidden);
  expect(JSON.parse(text)).toMatchObject({ format: 1, nonce: expect.any(String) });
});

test('there is room for the most there can be, with the longest URLs, and then an end', async () => {
  const store = new MemoryObjects();
  const { webhooks } = await startWebhooks({ store });
  const url = `http://10.0.0.5/${'x'.repeat(984)}`;
  const events = ['session.state', 'session.alert', 'message'] as const;
  for (let i = 0; i < MOST_WEBHOOKS; i++) await webhooks.add({ url, events });
  expect((await cellOf(store)).text.length).toBeLessThanOrEqual(MAX_CELL_BYTES);
  await expect(webhooks.add({ url })).rejects.toMatchObject({ code: 'WEBHOOK_REFUSED' });
  expect(await webhooks.list()).toHaveLength(MOST_WEBHOOKS);
});

test('a list that somebody else has written is not followed', async () => {
  const store = new MemoryObjects();
  const forger = await startWebhooks({ store, secret: Buffer.alloc(32, 6) });
  await forger.webhooks.add({ url: URL });
  const { webhooks, logged } = await startWebhooks({ store });
  expect(logged).toEqual([
    ['webhooks_not_read', expect.objectContaining({ code: 'WEBHOOKS_DAMAGED' })],
  ]);
  await expect(webhooks.list()).rejects.toMatchObject({
    code: 'WEBHOOKS_DAMAGED',
    message: expect.stringContaining('secret'),
  });
  await expect(webhooks.add({ url: URL })).rejects.toMatchObject({ code: 'WEBHOOKS_DAMAGED' });
});

test('a list in which somebody has changed where a webhook goes is not followed', async () => {
  const store = new MemoryObjects();
  const { webhooks } = await startWebhooks({ store });
  const { id } = await webhooks.add({ url: URL });
  const { text, version } = await cellOf(store);
  const cell = JSON.parse(text);
  const sealed = Buffer.from(cell.sealed, 'base64');
  // What is encrypted can be changed without the key by who knows where it is: 10.0.0.5 to 10.0.0.4.
  const at = `[["${id}","http://10.0.0.`.length;
  sealed.writeUInt8(sealed.readUInt8(at) ^ 1, at);
  const altered = JSON.stringify({ ...cell, sealed: sealed.toString('base64') });
  await store.swapCell(KEY, Buffer.from(altered), version);
  await expect(webhooks.list()).rejects.toMatchObject({ code: 'WEBHOOKS_DAMAGED' });
});

test.each([
  ['no JSON', '{', 'WEBHOOKS_DAMAGED'],
  ['no list', '{"format":1,"nonce":"","sealed":""}', 'WEBHOOKS_DAMAGED'],
  ['a newer format', '{"format":99,"more":true}', 'FORMAT_UNSUPPORTED'],
])('%s never looks like no webhooks', async (_what, text, code) => {
  const store = new MemoryObjects();
  await store.swapCell(KEY, Buffer.from(text), null);
  const { webhooks } = await startWebhooks({ store });
  await expect(webhooks.list()).rejects.toMatchObject({ code });
});

test('every change writes something that was never there', async () => {
  const store = new MemoryObjects();
  const { webhooks } = await startWebhooks({ store, secret: SECRET });
  await webhooks.add({ url: URL });
  const { text } = await cellOf(store);
  const [hook] = await webhooks.list();
  await webhooks.add({ url: URL }).then(({ id }) => webhooks.remove(id));
  expect(await webhooks.list()).toEqual([hook]);
  expect((await cellOf(store)).text).not.toBe(text);
});
