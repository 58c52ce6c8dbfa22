import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client/client.js';
import { startStandIn } from '../standin/index.js';
import { EXIT } from './exit-codes.js';
import type { Reporter } from './reporter.js';
import { createClient, failWith, type RunOptions } from './run.js';

/** Long enough to see the code before it is scanned. */
const LOOK_MS = 1_500;
const PATIENCE_MS = 60_000;

/**
 * The whole story on a machine without a phone and without internet: link, talk, stop, start
 * again, still linked. WhatsApp Web and the phone are stand-ins; the browser, the client and the
 * session on disk are real.
 *
 * @returns the exit status
 */
export async function demo(
  options: RunOptions,
  reporter: Reporter,
  stop: AbortSignal,
): Promise<number> {
  const standIn = await startStandIn();
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-demo-'));
  const settings: RunOptions = {
    ...options,
    dataPath: options.dataPath ?? folder,
    puppeteer: { args: standIn.launchArgs },
  };
  const story = (text: string) => reporter.say({ event: 'story', text });
  const patience = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    story('1. First start: there is no login yet, so a code is shown. The demo scans it itself.');
    await withClient(settings, reporter, async (client) => {
      client.once('qr', async (qr) => {
        await sleep(LOOK_MS);
        await standIn.phone.scan(qr);
      });
      client.once('message', (message) => void message.reply('pong'));
      await untilReady(client, patience);
      const [device] = standIn.phone.devices;
      await device?.receive({ body: 'ping' });
      const answer = await device?.nextSent();
      story(`2. Linked. The phone wrote "ping", the bot answered "${answer?.body}". Now it stops.`);
    });
    story('3. Second start, from the same folder: no code this time.');
    await withClient(settings, reporter, async (client) => {
      const codeAsked = once(client, 'qr', { signal: patience }).then(() => {
        throw new Error('The login was lost: a code is asked for again.');
      });
      await Promise.race([untilReady(client, patience), codeAsked]);
    });
    story('Still linked. That is the whole demo; `npm start` does the same with your own phone.');
    return EXIT.done;
  } catch (error) {
    if (stop.aborted) return EXIT.done;
    return failWith(error, 'DEMO_FAILED', reporter);
  } finally {
    await standIn.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function withClient(
  options: RunOptions,
  reporter: Reporter,
  act: (client: Client) => Promise<void>,
): Promise<void> {
  const client = createClient(options, reporter);
  try {
    await act(client);
  } finally {
    await client.destroy();
  }
}

async function untilReady(client: Client, signal: AbortSignal): Promise<void> {
  const ready = once(client, 'ready', { signal });
  await Promise.all([client.initialize(), ready]);
}
