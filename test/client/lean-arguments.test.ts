import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeptSessions } from './kept-sessions.js';
import { processesOfGroup, until } from './processes.js';
import {
  type Client,
  LEAN_ARGUMENTS,
  link,
  type StandIn,
  startClient,
  startStandIn,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

/** Also a feature of the caller's own, which is to be joined with theirs. */
const puppeteer = { args: [...LEAN_ARGUMENTS, '--disable-features=CallersOwn'] };

const processes = ({ pupBrowser }: Client) =>
  processesOfGroup(pupBrowser?.process()?.pid ?? 0).length;

it('with the lean arguments a session links, talks, restarts, and takes fewer processes', async () => {
  const sessions = new KeptSessions(() => standIn);
  const dataPath = sessions.newDataPath();
  const first = sessions.start(dataPath, { puppeteer, bypassCSP: true });
  const device = await link(standIn, first);
  await device.receive({ body: 'a message' });
  await first.client.sendMessage('12025550109@c.us', 'an answer');
  expect(await device.nextSent()).toMatchObject({ body: 'an answer' });
  const fromWorker = await first.client.pupPage?.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(URL.createObjectURL(new Blob(['postMessage("from a worker")'])));
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = reject;
      }),
  );
  expect(fromWorker).toBe('from a worker');
  const lean = processes(first.client);
  const commandLine = first.client.pupBrowser?.process()?.spawnargs ?? [];
  const features = commandLine.filter((argument) => argument.startsWith('--disable-features='));
  expect(features).toEqual([
    expect.stringMatching(/\bSpareRenderer.*CallersOwn.*DomStorageSqlite/),
  ]);
  await first.client.destroy();

  const again = sessions.start(dataPath, { puppeteer });
  await again.log.until('ready');
  expect(again.log.of('qr')).toEqual([]);
  await device.receive({ body: 'another' });
  await again.log.until('message');
  expect(device).toMatchObject({ lost: 0, corruption: [] });
  await again.client.destroy();

  const usual = startClient(standIn);
  await usual.log.until('qr');
  await until('more processes than with them', () => processes(usual.client) > lean);
});
