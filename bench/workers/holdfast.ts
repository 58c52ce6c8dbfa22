import { connect, type Page } from 'puppeteer-core';
import type { ProfileSaver } from '../../src/engine.js';
import { CountingStore } from '../counting-store.js';
import { engine } from '../holdfast-engine.js';
import { followEventLoop, type LoopDelay } from '../measure/event-loop.js';
import { type Bytes, Traffic } from '../measure/traffic.js';
import { measureWork, nowIdle } from '../measure/work.js';
import { type Done, SESSION } from '../peers/peer.js';
import { openHoldfastStore } from '../stores/holdfast-store.js';
import { toldPlace } from '../stores/store-place.js';
import { serve } from './serve.js';
import { type SteadySaves, saveEverySecond } from './steady-saves.js';

const encryptionKey = Buffer.from(process.env.BENCH_KEY ?? '', 'base64');
const place = toldPlace();
const traffic = new Traffic();

let profile = '';
let page: Page | undefined;
let store: CountingStore | undefined;
let saver: ProfileSaver | undefined;

export type HoldfastCommands = typeof commands;

const commands = {
  async attach(where: { profile: string; endpoint: string }): Promise<void> {
    const browser = await connect({ browserWSEndpoint: where.endpoint, defaultViewport: null });
    traffic.ignore(Number(new URL(where.endpoint).port));
    page = (await browser.pages()).find((each) => each.url().startsWith('https://'));
    profile = where.profile;
    await openedStore();
    // A bot is connected to its browser, and mongoose to its server, anyway.
    nowIdle();
  },

  /** The first includes opening the session. */
  async save(_: null): Promise<Done & { saved: boolean }> {
    await taken();
    const { cost, result } = await measureWork(async () => (await opened()).save());
    return { ...cost, ...(await taken()), saved: result !== null };
  },

  async restore({ target }: { target: string }): Promise<Done> {
    const session = { store: await openedStore(), session: SESSION, encryptionKey };
    nowIdle();
    await taken();
    const { cost } = await measureWork(() =>
      engine.restoreSession({ ...session, targetDir: target }),
    );
    return { ...cost, ...(await taken()) };
  },

  async saveEverySecond({ seconds }: { seconds: number }): Promise<SteadySaves & LoopDelay> {
    const saving = await opened();
    const loop = followEventLoop();
    const saves = await saveEverySecond(saving, seconds);
    return { ...saves, bytesSent: (await taken()).bytesSent, ...loop.stop() };
  },

  /** The same process, doing nothing. */
  async idle({ seconds }: { seconds: number }): Promise<SteadySaves & LoopDelay> {
    const loop = followEventLoop();
    const saves = await saveEverySecond(null, seconds);
    return { ...saves, ...loop.stop() };
  },

  async close(_: null): Promise<void> {
    await saver?.close();
    saver = undefined;
  },
};

/** What went to the store since this was last asked, between two of which it renews its lease. */
async function taken(): Promise<Bytes & { requests: number }> {
  const { count, ...bytes } = (await openedStore()).takeRequests();
  const atSockets = traffic.take();
  return { requests: count, ...(place.kind === 'folder' ? bytes : atSockets) };
}

async function openedStore(): Promise<CountingStore> {
  store ??= new CountingStore(await openHoldfastStore(place));
  return store;
}

async function opened(): Promise<ProfileSaver> {
  if (!page) throw new Error('there is no page in the browser');
  saver ??= await engine.ProfileSaver.open({
    store: await openedStore(),
    session: SESSION,
    userDataDir: profile,
    encryptionKey,
    livePage: engine.puppeteerLivePage(page),
  });
  return saver;
}

serve(commands);
