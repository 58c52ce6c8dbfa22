import { connect, type Page } from 'puppeteer-core';
import type { ProfileSaver } from '../../src/engine.js';
import { holdfast } from '../built.js';
import { CountingStore } from '../counting-store.js';
import { engine } from '../holdfast-engine.js';
import { followEventLoop, type LoopDelay } from '../measure/event-loop.js';
import { measureWork, nowIdle } from '../measure/work.js';
import { type Done, SESSION } from '../peers/peer.js';
import { serve } from './serve.js';
import { type SteadySaves, saveEverySecond } from './steady-saves.js';

const encryptionKey = Buffer.from(process.env.BENCH_KEY ?? '', 'base64');

let profile = '';
let page: Page | undefined;
const store = new CountingStore(new holdfast.FileStore({ path: process.env.BENCH_STORE ?? '' }));
let saver: ProfileSaver | undefined;

export type HoldfastCommands = typeof commands;

const commands = {
  async attach(where: { profile: string; endpoint: string }): Promise<void> {
    const browser = await connect({ browserWSEndpoint: where.endpoint, defaultViewport: null });
    page = (await browser.pages()).find((each) => each.url().startsWith('https://'));
    profile = where.profile;
    // A bot is connected to its browser anyway.
    nowIdle();
  },

  /** The first includes opening the session. */
  async save(_: null): Promise<Done & { saved: boolean }> {
    const { cost, result } = await measureWork(async () => (await opened()).save());
    const { count, bytesSent } = store.takeRequests();
    return { ...cost, requests: count, bytesSent, saved: result !== null };
  },

  async restore({ target }: { target: string }): Promise<Done> {
    const session = { store, session: SESSION, encryptionKey };
    const { cost } = await measureWork(() =>
      engine.restoreSession({ ...session, targetDir: target }),
    );
    const { count, bytesSent } = store.takeRequests();
    return { ...cost, requests: count, bytesSent };
  },

  async saveEverySecond({ seconds }: { seconds: number }): Promise<SteadySaves & LoopDelay> {
    const saving = await opened();
    const loop = followEventLoop();
    const saves = await saveEverySecond(saving, seconds);
    return { ...saves, bytesSent: store.takeRequests().bytesSent, ...loop.stop() };
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

async function opened(): Promise<ProfileSaver> {
  if (!page) throw new Error('there is no page in the browser');
  saver ??= await engine.ProfileSaver.open({
    store,
    session: SESSION,
    userDataDir: profile,
    encryptionKey,
    livePage: engine.puppeteerLivePage(page),
  });
  return saver;
}

serve(commands);
