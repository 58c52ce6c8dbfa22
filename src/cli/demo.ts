import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionRestored, SessionSaved } from '../auth/remote/events.js';
import type { Client } from '../client/client.js';
import type { Message } from '../client/message.js';
import { KEY_BYTES } from '../snapshot/encryption-key.js';
import { type Device, type StandIn, startStandIn } from '../standin/index.js';
import { FileStore } from '../stores/file-store.js';
import { EXIT } from './exit-codes.js';
import { folderSize } from './folder-size.js';
import { formatBytes, formatDuration } from './format.js';
import type { Reporter } from './reporter.js';
import { createClient, failWith, type RunOptions } from './run.js';

/** Long enough to see the code before it is scanned. */
const LOOK_MS = 1_500;
const PATIENCE_MS = 60_000;

/**
 * The whole story on a machine without a phone and without internet: link, talk, save, stop, lose
 * the disk, start again, still linked. WhatsApp Web and the phone are stand-ins; the browser, the
 * client and the store are real.
 *
 * @returns the exit status
 */
export async function demo(reporter: Reporter, stop: AbortSignal): Promise<number> {
  const standIn = await startStandIn();
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-demo-'));
  const dataPath = path.join(folder, 'profiles');
  const storePath = path.join(folder, 'store');
  const options: RunOptions = {
    keeping: {
      in: 'store',
      store: new FileStore({ path: storePath }),
      url: `file:${storePath}`,
      encryptionKey: randomBytes(KEY_BYTES),
      onLeaseHeld: 'wait',
    },
    dataPath,
    puppeteer: { args: standIn.launchArgs },
  };
  const story = (text: string) => reporter.say({ event: 'story', text });
  const patience = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    story('1. First start: there is no login yet, so a code is shown. The demo scans it itself.');
    const device = await withClient(options, reporter, async (client) => {
      const { linked, answer, saved } = await linkAndTalk(client, standIn, patience);
      story(
        `Linked. The phone wrote "ping", the bot answered "${answer}". The login was saved, sealed ` +
          `with a key: ${formatBytes(saved.bytesSent)} in ${formatDuration(saved.durationMs)}. ` +
          'Now the bot stops.',
      );
      return linked;
    });
    const lostBytes = await folderSize(dataPath);
    await rm(dataPath, { recursive: true });
    story(
      `2. The disk is lost: the browser profile, ${formatBytes(lostBytes)} with its caches, is deleted.`,
    );
    story('3. Second start, on an empty disk: the session comes from the store, without a code.');
    const restored = await withClient(options, reporter, (client) =>
      comeBack(client, device, patience),
    );
    if (restored.from !== 'store') throw new Error('The profile did not come from the store.');
    if (!device.linked || device.lost > 0 || device.corruption.length > 0) {
      throw new Error(`The login came back, but not whole: ${device.lost} messages are lost.`);
    }
    story(
      `Still linked, no message lost: ${formatBytes(restored.bytes)} came back in ` +
        `${formatDuration(restored.durationMs)}. That is the whole demo; \`npm start\` does the ` +
        'same with your own phone.',
    );
    return EXIT.done;
  } catch (error) {
    if (stop.aborted) return EXIT.done;
    return failWith(error, 'DEMO_FAILED', reporter);
  } finally {
    await standIn.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function linkAndTalk(
  client: Client,
  standIn: StandIn,
  signal: AbortSignal,
): Promise<{ linked: Device; answer: string | undefined; saved: SessionSaved }> {
  const scanned = new Promise<Device>((resolve, reject) => {
    client.once('qr', (qr) => {
      sleep(LOOK_MS)
        .then(() => standIn.phone.scan(qr))
        .then(resolve, reject);
    });
  });
  const [linked, [saved]] = await Promise.all([
    scanned,
    once(client, 'session_saved', { signal }) as Promise<[SessionSaved]>,
    untilReady(client, signal),
  ]);
  const asked = once(client, 'message', { signal }) as Promise<[Message]>;
  // The phone may have the answer before this client hears that it was sent: it waits for both.
  const [{ body: answer }] = await Promise.all([
    linked.nextSent(),
    asked.then(([message]) => message.reply('pong')),
    linked.receive({ body: 'ping' }),
  ]);
  return { linked, answer, saved };
}

async function comeBack(
  client: Client,
  device: Device,
  signal: AbortSignal,
): Promise<SessionRestored> {
  const codeAsked = once(client, 'qr', { signal }).then(() => {
    throw new Error('The login was lost: a code is asked for again.');
  });
  const [[restored]] = await Promise.all([
    once(client, 'session_restored', { signal }) as Promise<[SessionRestored]>,
    once(client, 'message', { signal }),
    // WhatsApp keeps it until the device is back.
    device.receive({ body: 'are you still there?' }),
    Promise.race([untilReady(client, signal), codeAsked]),
  ]);
  return restored;
}

async function withClient<T>(
  options: RunOptions,
  reporter: Reporter,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const { client, name, keptIn } = createClient(options, reporter);
  reporter.say({ event: 'starting', session: name, keptIn });
  try {
    return await act(client);
  } finally {
    await client.destroy();
  }
}

async function untilReady(client: Client, signal: AbortSignal): Promise<void> {
  const ready = once(client, 'ready', { signal });
  await Promise.all([client.initialize(), ready]);
}
