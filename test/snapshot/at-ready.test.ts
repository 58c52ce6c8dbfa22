import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as Engine from '../../src/engine.js';
import {
  BUILD,
  type Client,
  LocalAuth,
  type StandIn,
  startClient,
  startStandIn,
  withFolder,
} from '../client/support.js';

const engine: typeof Engine = await import(pathToFileURL(path.join(BUILD, 'engine.js')).href);
const { MemoryStore } = await import(pathToFileURL(path.join(BUILD, 'index.js')).href);

/** `npm run test:captures` sets the full count. */
const ROUNDS = Number(process.env.HOLDFAST_READY_ROUNDS ?? 3);
const ROUND_MS = 30_000;
const session = 'RemoteAuth';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

it(
  `a capture at the moment of ready restores whole on an empty disk, ${ROUNDS} of ${ROUNDS}`,
  async () => {
    const outcomes: string[] = [];
    for (let round = 1; round <= ROUNDS; round++) outcomes.push(await captureAtReady());
    expect(outcomes).toEqual(Array.from({ length: ROUNDS }, () => 'linked'));
  },
  ROUNDS * ROUND_MS + 30_000,
);

/** Links a device, saves the profile as soon as it is ready, and starts from the restored one. */
function captureAtReady(): Promise<string> {
  return withFolder(async (folder) => {
    const store = new MemoryStore();
    const auth = new LocalAuth({ dataPath: path.join(folder, 'linked') });
    const first = startClient(standIn, { authStrategy: auth });
    const [qr] = await first.log.until('qr');
    const saver = await engine.ProfileSaver.open({
      store,
      session,
      userDataDir: auth.sessionFolder,
      livePage: engine.puppeteerLivePage(pageOf(first.client)),
    });
    const saved = new Promise((resolve) => first.client.once('ready', () => resolve(saver.save())));
    const device = await standIn.phone.scan(qr);
    await saved;
    killBrowser(first.client);
    await first.client.destroy();

    const second = new LocalAuth({ dataPath: path.join(folder, 'restored') });
    await engine.restoreSession({ store, session, targetDir: second.sessionFolder });
    const again = startClient(standIn, { authStrategy: second });
    const outcome = await Promise.race([
      again.log.until('ready').then(() => 'linked'),
      again.log.until('qr').then(() => 'asked for a code'),
    ]);
    await again.client.destroy();
    return device.corruption.length > 0 ? device.corruption.join(', ') : outcome;
  });
}

function pageOf(client: Client) {
  if (client.pupPage === null) throw new Error('the client has no page');
  return client.pupPage;
}

/** Everything of it at once, as a power cut would. */
function killBrowser(client: Client): void {
  const pid = client.pupBrowser?.process()?.pid;
  if (pid === undefined) throw new Error('the client has no browser');
  process.kill(-pid, 'SIGKILL');
}
