import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventReader } from './support/event-reader.js';
import { SimulatedStore } from './support/simulated-fleet.js';
import { startServer, type TestServer } from './support/test-server.js';

let shared: SimulatedStore;
let server: TestServer;
let other: TestServer;

beforeEach(async () => {
  shared = new SimulatedStore();
  server = await startServer({ fleet: { shared } });
  other = await startServer({ fleet: { shared, takes: false } });
  await server.fleet.add('sales');
});
afterEach(async () => {
  await server.stop();
  await other.stop();
});

/** @returns the path of a new link */
async function newLink(): Promise<string> {
  const path = '/api/v1/sessions/sales/links';
  const created = await server.ask(path, { method: 'POST', json: { validMinutes: 5 } });
  const { url, expiresAt } = (await created.json()) as { url: string; expiresAt: string };
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(4 * 60_000);
  expect(url.startsWith(`${server.url}/link/`)).toBe(true);
  return new URL(url).pathname;
}

test.each([
  ['its holder', () => server],
  ['another worker', () => other],
])(
  'a customer sees the QR of that session at %s, and nothing else, until it is linked',
  async (_, at) => {
    const link = await newLink();
    const opened = await at().ask(link, { token: null });
    expect([opened.status, opened.headers.get('Cache-Control')]).toEqual([200, 'no-store']);
    expect(opened.headers.get('Referrer-Policy')).toBe('no-referrer');

    const stream = await at().ask(`${link}/events`, { token: null });
    const page = new EventReader(stream);
    const first = await page.until('qr');
    expect(first.svg).toMatch(/^<svg/);
    server.fleet.get('sales')?.showQr();
    await page.until('qr', ({ svg }) => svg !== first.svg);
    server.fleet.get('sales')?.enter('starting');
    await page.until('waiting');
    server.fleet.get('sales')?.link('12025550108', 'Top Secret Ltd');
    await page.until('linked');
    await page.ended;
    expect(JSON.stringify(page.events)).not.toMatch(/Secret|12025550108|sales/);
    expect((await at().ask(link, { token: null })).status).toBe(410);
    expect((await at().ask(`${link}/events`, { token: null })).status).toBe(410);
  },
);

test('a link that nobody has made is not known, and opening one does not use it up', async () => {
  const link = await newLink();
  for (const _ of [1, 2]) expect((await server.ask(link, { token: null })).status).toBe(200);
  expect((await server.ask(`/link/${'A'.repeat(43)}`, { token: null })).status).toBe(404);
  expect((await server.ask('/link/x/events', { token: null })).status).toBe(404);
});

test('whoever tries links is slowed down', async () => {
  const answers = [];
  for (let n = 0; n < 40; n++) answers.push(server.ask(`/link/${n}`, { token: null }));
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(8);
});
