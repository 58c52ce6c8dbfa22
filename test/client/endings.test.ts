import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeptSessions } from './kept-sessions.js';
import { processesOfGroup, until } from './processes.js';
import {
  browsersOf,
  type DisconnectReason,
  link,
  type StandIn,
  type StartedClient,
  startClient,
  startStandIn,
  temporaryProfiles,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

const { newDataPath, start, expectStillLinked } = new KeptSessions(() => standIn);

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
      void client.initialize();
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
