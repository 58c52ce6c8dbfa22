import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installFolder, processesOfGroup, startProgram, until } from './processes.js';
import {
  AuthStrategy,
  browsersOf,
  type Client,
  createClient,
  failureOf,
  LocalAuth,
  link,
  type StandIn,
  startClient,
  startStandIn,
  TEMPORARY,
  temporaryProfiles,
  untilEvent,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

/** What of a client's can be left in this process and on this machine. */
function traces(): object {
  const events = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'uncaughtException'];
  return {
    browsers: browsersOf(),
    folders: temporaryProfiles(),
    listeners: events.map((event) => `${event}: ${process.listenerCount(event)}`),
  };
}

/** A strategy that takes its time, as one that waits for a lease does, until it is destroyed. */
class WaitingAuth extends AuthStrategy {
  isAsked = false;
  #stop: () => void = () => undefined;
  override beforeBrowserInitialized(): Promise<void> {
    this.isAsked = true;
    return new Promise((resolve) => {
      this.#stop = resolve;
    });
  }
  override async destroy(): Promise<void> {
    this.#stop();
  }
}

const isLoading = (client: Client) => client.pupPage?.url().startsWith('https://') === true;

type Reached = (client: Client, initialized: Promise<void>) => Promise<unknown>;
const INSTANTS: [when: string, reached: Reached][] = [
  ['at once', async () => undefined],
  ['as the browser starts', () => until('a browser', () => browsersOf().length > 0)],
  ['when the browser is up', (client) => until('the browser', () => client.pupBrowser !== null)],
  ['before the page has booted', (client) => until('the page', () => isLoading(client))],
  ['when a QR is shown', (_, initialized) => initialized],
];

for (const [when, reached] of INSTANTS) {
  test(`destroy() during initialize(), ${when}, leaves nothing behind`, async () => {
    standIn.page.bootDelayMs = when.startsWith('before') ? 30_000 : 0;
    const before = traces();
    const client = createClient(standIn);
    const initialized = client.initialize();
    initialized.catch(() => undefined);
    await reached(client, initialized);
    await client.destroy();
    expect(traces()).toEqual(before);
    expect(client.pupBrowser).toBeNull();
    if (!when.includes('QR')) {
      expect((await failureOf(initialized)).code).toBe('CLIENT_DESTROYED');
    }
    standIn.page.bootDelayMs = 0;
  });
}

test('destroy() calls off a strategy that still prepares', async () => {
  const before = traces();
  const authStrategy = new WaitingAuth();
  const { client, initialized } = startClient(standIn, { authStrategy });
  await until('the hook', () => authStrategy.isAsked);
  await client.destroy();
  expect((await failureOf(initialized)).code).toBe('CLIENT_DESTROYED');
  expect(traces()).toEqual(before);
});

test('destroy() before initialize(), twice at once and again later does no harm', async () => {
  const before = traces();
  const client = createClient(standIn);
  await client.destroy();
  const started = untilEvent(client, 'qr');
  await client.initialize();
  await started;
  await Promise.all([client.destroy(), client.destroy()]);
  await client.destroy();
  expect(traces()).toEqual(before);
});

test('destroy() after ready ends every process of the browser', async () => {
  const before = traces();
  const started = startClient(standIn);
  await link(standIn, started);
  const group = started.client.pupBrowser?.process()?.pid ?? 0;
  expect(processesOfGroup(group).length).toBeGreaterThan(3);
  await started.client.destroy();
  expect(processesOfGroup(group)).toEqual([]);
  expect(traces()).toEqual(before);
  expect(await started.client.getState()).toBeNull();
});

test('destroy() ends a browser that does not answer any more', { timeout: 90_000 }, async () => {
  const before = traces();
  const dataPath = path.join(TEMPORARY, 'stopped');
  const started = startClient(standIn, { authStrategy: new LocalAuth({ dataPath }) });
  await link(standIn, started);
  const group = started.client.pupBrowser?.process()?.pid ?? 0;
  process.kill(-group, 'SIGSTOP');
  await started.client.destroy();
  expect(processesOfGroup(group)).toEqual([]);
  expect(traces()).toEqual(before);
});

test('destroy() and initialize() straight after each other start the client anew', async () => {
  const client = createClient(standIn);
  const first = client.initialize();
  const refused = failureOf(first);
  await until('the browser', () => client.pupBrowser !== null);
  const { pupBrowser } = client;
  const ended = client.destroy();
  const again = client.initialize();
  expect((await refused).code).toBe('CLIENT_DESTROYED');
  await ended;
  await again;
  expect(client.pupBrowser).not.toBeNull();
  expect(client.pupBrowser).not.toBe(pupBrowser);
  expect(pupBrowser?.connected).toBe(false);
});

test('initialize() twice starts one browser', async () => {
  const dataPath = path.join(TEMPORARY, 'twice');
  const client = createClient(standIn, { authStrategy: new LocalAuth({ dataPath }) });
  await Promise.all([client.initialize(), client.initialize()]);
  const { pupBrowser } = client;
  await client.initialize();
  expect(client.pupBrowser).toBe(pupBrowser);
  const mains = browsersOf(dataPath).filter((pid) => processesOfGroup(pid).length > 0);
  expect(mains).toEqual([pupBrowser?.process()?.pid]);
});

const SCRIPT = `
  const { Client, LocalAuth } = require('holdfast');
  const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
  const { args, when, keep } = JSON.parse(process.env.CASE);
  process.on('unhandledRejection', (error) => say('unhandledRejection', String(error)));
  say('started');
  const before = process.getActiveResourcesInfo();
  const client = new Client({
    puppeteer: { args },
    ...(keep && { authStrategy: new LocalAuth() }),
  });
  client.initialize();
  const left = () => {
    const names = process.getActiveResourcesInfo();
    for (const name of before) if (names.includes(name)) names.splice(names.indexOf(name), 1);
    return names.filter((name) => name !== 'Immediate');
  };
  const end = async () => {
    await client.destroy();
    // Puppeteer itself waits 100 ms for the successor of a page that is gone.
    const patience = Date.now() + 30_000;
    do await new Promise(setImmediate);
    while (left().length > 0 && Date.now() < patience);
    say('left', left());
  };
  if (when) client.once(when, end);
  else setImmediate(end);
`;

test.each([
  ['while it starts', '', false],
  ['with a QR shown', 'qr', true],
])('a program whose client is destroyed %s ends by itself, unawaited', async (_, when, keep) => {
  const folder = installFolder();
  const program = startProgram(SCRIPT, {
    folder,
    env: { CASE: JSON.stringify({ args: standIn.launchArgs, when, keep }) },
  });
  expect(await program.until('left')).toEqual([]);
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.names()).toEqual(['started', 'left']);
  expect(browsersOf(folder)).toEqual([]);
});
