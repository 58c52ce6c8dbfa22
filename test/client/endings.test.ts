import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installFolder, processesOfGroup, startProgram, until } from './processes.js';
import {
  browsersOf,
  collectWarnings,
  type DisconnectReason,
  LocalAuth,
  link,
  type StandIn,
  type StartedClient,
  startClient,
  startStandIn,
  TEMPORARY,
  temporaryProfiles,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

let lastDataPath = 0;
const newDataPath = () => path.join(TEMPORARY, `data-${++lastDataPath}`);
const start = (dataPath: string, options = {}) =>
  startClient(standIn, { authStrategy: new LocalAuth({ dataPath }), ...options });

async function expectStillLinked(dataPath: string): Promise<void> {
  const again = start(dataPath);
  await again.log.until('ready');
  expect(again.log.of('qr')).toEqual([]);
  await again.client.destroy();
}

describe('a browser that goes away', () => {
  /** Does it, and starts the client again in the listener of `disconnected`. */
  async function expectRecovery(
    reason: DisconnectReason,
    goAway: (started: StartedClient, group: number) => unknown,
  ): Promise<void> {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const { client, log } = started;
    const device = await link(standIn, started);
    // Chromium writes a new login down within some seconds; until then it is not safe from a kill.
    await client.destroy();
    await client.initialize();
    await log.until('ready', 2);
    const group = client.pupBrowser?.process()?.pid ?? 0;
    const left: unknown[] = [];
    client.once('disconnected', () => {
      left.push(browsersOf(dataPath), processesOfGroup(group), client.pupBrowser);
      client.initialize();
    });
    await goAway(started, group);
    await log.until('ready', 3);
    expect(left).toEqual([[], [], null]);
    expect(log.of('disconnected')).toEqual([[reason]]);
    expect(log.of('qr')).toHaveLength(1);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
  }

  test('killed: disconnected with BROWSER_CLOSED, and the client can start again', () =>
    expectRecovery('BROWSER_CLOSED', (_, group) => process.kill(group, 'SIGKILL')));

  test('its page crashed: disconnected with PAGE_CRASHED, and the client can start again', () =>
    expectRecovery('PAGE_CRASHED', ({ client }) => {
      client.pupPage?.goto('chrome://crash').catch(() => undefined);
    }));

  test('its page closed: disconnected with PAGE_CLOSED, and the client can start again', () =>
    expectRecovery('PAGE_CLOSED', ({ client }) => client.pupPage?.close()));

  test('while it starts: initialize() rejects, no disconnected, nothing left', async () => {
    standIn.page.bootDelayMs = 30_000;
    const { client, log, initialized } = startClient(standIn);
    await until('the page', () => client.pupPage?.url().startsWith('https') === true);
    standIn.page.bootDelayMs = 0;
    client.pupBrowser?.process()?.kill('SIGKILL');
    await expect(initialized).rejects.toMatchObject({ code: 'BROWSER_CLOSED', transient: true });
    expect(log.names()).toEqual([]);
    expect(browsersOf()).toEqual([]);
    expect(temporaryProfiles()).toEqual([]);
  });
});

describe('a state in which the session cannot be used', () => {
  test('CONFLICT ends the client and keeps the session', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const device = await link(standIn, started);
    device.conflict();
    expect(await started.log.until('disconnected')).toEqual(['CONFLICT']);
    expect(browsersOf(dataPath)).toEqual([]);
    expect(started.log.of('change_state').at(-1)).toEqual(['CONFLICT']);
    await expectStillLinked(dataPath);
    expect(device.linked).toBe(true);
  });

  test('CONFLICT with takeoverOnConflict: the session is taken back', async () => {
    const started = startClient(standIn, { takeoverOnConflict: true, takeoverTimeoutMs: 300 });
    const device = await link(standIn, started);
    const conflictAt = Date.now();
    device.conflict();
    await started.log.until('ready', 2);
    expect(Date.now() - conflictAt).toBeGreaterThanOrEqual(300);
    expect(await started.client.getState()).toBe('CONNECTED');
    expect(started.log.of('disconnected')).toEqual([]);
    expect(device.connections).toBe(1);
  });

  test('each block ends the client with its name and keeps the session', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const { client, log } = started;
    const device = await link(standIn, started);
    const states = ['PROXYBLOCK', 'TOS_BLOCK', 'SMB_TOS_BLOCK', 'DEPRECATED_VERSION'];
    for (const [n, state] of states.entries()) {
      device.forceState(state);
      expect(await log.until('disconnected', n + 1)).toEqual([state]);
      expect(browsersOf(dataPath)).toEqual([]);
      device.forceState('CONNECTED');
      await client.initialize();
      await log.until('ready', n + 2);
    }
    expect(log.of('qr')).toHaveLength(1);
    expect(device.linked).toBe(true);
  });

  test('states that pass leave the client and the session alone', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const { client, log } = started;
    const device = await link(standIn, started);
    for (const state of ['UNPAIRED', 'UNPAIRED_IDLE', 'UNLAUNCHED', 'TIMEOUT', 'OPENING']) {
      device.forceState(state);
      await until(state, async () => (await client.getState()) === state);
      device.forceState('CONNECTED');
      await until('CONNECTED', async () => (await client.getState()) === 'CONNECTED');
    }
    expect(log.of('disconnected')).toEqual([]);
    await client.destroy();
    await expectStillLinked(dataPath);
  });

  test('UNPAIRED that stays ends the client and keeps the session', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const device = await link(standIn, started);
    device.forceState('UNPAIRED_IDLE');
    expect(await started.log.until('disconnected')).toEqual(['UNPAIRED_IDLE']);
    expect(browsersOf(dataPath)).toEqual([]);
    device.forceState('CONNECTED');
    await expectStillLinked(dataPath);
  });
});

describe('a device that the phone unlinks', () => {
  test('says LOGOUT once, shows a new QR, and a new link is kept', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const { client, log } = started;
    (await link(standIn, started)).unlink();
    const [qr] = await log.until('qr', 2);
    expect(log.names('disconnected', 'qr', 'ready', 'authenticated')).toEqual([
      ...['qr', 'authenticated', 'ready', 'disconnected', 'qr'],
    ]);
    expect(log.of('disconnected')).toEqual([['LOGOUT']]);
    await standIn.phone.scan(qr);
    await log.until('ready', 2);
    await client.destroy();
    await expectStillLinked(dataPath);
  });

  test('while the client was away: LOGOUT at the next start, then a new QR', async () => {
    const dataPath = newDataPath();
    const first = start(dataPath);
    const device = await link(standIn, first);
    await first.client.destroy();
    device.unlink();

    const { client, log } = start(dataPath);
    await client.initialize();
    const [qr] = await log.until('qr');
    expect(log.names('disconnected', 'qr', 'ready')).toEqual(['disconnected', 'qr']);
    await standIn.phone.scan(qr);
    await log.until('ready');
    await client.destroy();
    await expectStillLinked(dataPath);
  });

  test('destroy() in the listener of disconnected ends the client', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const { client, log } = started;
    const device = await link(standIn, started);
    let ended: Promise<void> | undefined;
    client.once('disconnected', () => {
      ended = client.destroy();
    });
    device.unlink();
    await log.until('disconnected');
    await ended;
    expect(browsersOf(dataPath)).toEqual([]);
    expect(client.pupBrowser).toBeNull();
    expect(log.of('qr')).toHaveLength(1);
  });

  test('initialize() in the listener of disconnected starts one browser', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    const { client, log } = started;
    const device = await link(standIn, started);
    let again: Promise<void> | undefined;
    client.once('disconnected', () => {
      again = client.initialize();
    });
    device.unlink();
    await log.until('qr', 2);
    await again;
    const group = client.pupBrowser?.process()?.pid ?? 0;
    expect(browsersOf(dataPath)).toContain(group);
    expect(browsersOf(dataPath).filter((pid) => processesOfGroup(pid).length > 0)).toEqual([group]);
  });
});

describe('logout()', () => {
  test('unlinks the device, removes the folder after the browser, says LOGOUT once', async () => {
    const dataPath = newDataPath();
    const running: number[][] = [];
    class WatchedAuth extends LocalAuth {
      override async logout(): Promise<void> {
        running.push(browsersOf(dataPath));
        await super.logout();
      }
    }
    const started = start(dataPath, { authStrategy: new WatchedAuth({ dataPath }) });
    const { client, log } = started;
    const device = await link(standIn, started);
    await Promise.all([client.logout(), client.logout()]);
    expect(device.linked).toBe(false);
    expect(log.of('disconnected')).toEqual([['LOGOUT']]);
    expect(running).toEqual([[]]);
    expect(existsSync(path.join(dataPath, 'session'))).toBe(false);
    expect(client.pupBrowser).toBeNull();

    await client.initialize();
    await log.until('qr', 2);
  });

  test('without WhatsApp to be reached removes the login all the same, with a warning', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    await link(standIn, started);
    const warnings = collectWarnings();
    await standIn.setReachable(false);
    try {
      // A page that hangs, as one whose network is gone may.
      process.kill(-(started.client.pupBrowser?.process()?.pid ?? 0), 'SIGSTOP');
      await started.client.logout();
    } finally {
      await standIn.setReachable(true);
      warnings.stop();
    }
    expect(warnings.list.map(({ code }) => code)).toEqual(['LOGOUT_UNCONFIRMED']);
    expect(started.log.of('disconnected')).toEqual([['LOGOUT']]);
    expect(existsSync(path.join(dataPath, 'session'))).toBe(false);
  }, 90_000);

  test('in a browser that dies meanwhile ends the same', async () => {
    const dataPath = newDataPath();
    const started = start(dataPath);
    await link(standIn, started);
    const warnings = collectWarnings();
    const group = started.client.pupBrowser?.process()?.pid ?? 0;
    process.kill(-group, 'SIGSTOP');
    const loggedOut = started.client.logout();
    process.kill(-group, 'SIGKILL');
    await loggedOut;
    warnings.stop();
    expect(warnings.list.map(({ code }) => code)).toEqual(['LOGOUT_UNCONFIRMED']);
    expect(started.log.of('disconnected')).toEqual([['LOGOUT']]);
    expect(existsSync(path.join(dataPath, 'session'))).toBe(false);
    expect(browsersOf(dataPath)).toEqual([]);
  });
});

describe('a program that ends without a word', () => {
  const script = (end: string) => `
    const { Client, LocalAuth } = require('holdfast');
    const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
    const client = new Client({ authStrategy: new LocalAuth(), puppeteer: { args: JSON.parse(process.env.ARGS) } });
    client.on('qr', (qr) => say('qr', qr));
    client.on('ready', () => { say('ready', client.pupBrowser.process().pid); ${end} });
    client.initialize();
  `;
  const env = () => ({ ARGS: JSON.stringify(standIn.launchArgs) });

  test.each([
    ['process.exit(0)', 'process.exit(0);', { code: 0, signal: null }],
    ['an error nobody catches', "throw new Error('a bug');", { code: 1, signal: null }],
    ['kill -9', "process.kill(process.pid, 'SIGKILL');", { code: null, signal: 'SIGKILL' }],
  ])('by %s: its browser ends by itself, and the login is kept', async (_, end, exit) => {
    const folder = installFolder();
    const first = startProgram(script('client.destroy();'), { folder, env: env() });
    const device = await standIn.phone.scan(await first.until('qr'));
    expect(await first.exited).toEqual({ code: 0, signal: null });

    const second = startProgram(script(end), { folder, env: env() });
    const group = await second.until<number>('ready');
    expect(await second.exited).toEqual(exit);
    await until('end of the browser', () => processesOfGroup(group).length === 0, 5000);

    const third = startProgram(script('client.destroy();'), { folder, env: env() });
    await third.until('ready');
    expect(await third.exited).toEqual({ code: 0, signal: null });
    expect([...second.names(), ...third.names()]).toEqual(['ready', 'ready']);
    expect(device).toMatchObject({ lost: 0, corruption: [], maxConnections: 1 });
  });
});
