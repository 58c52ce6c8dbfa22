import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeptSessions } from './kept-sessions.js';
import { processesOfGroup, until } from './processes.js';
import {
  browsersOf,
  collectWarnings,
  LocalAuth,
  link,
  type StandIn,
  startStandIn,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

const { newDataPath, start, expectStillLinked } = new KeptSessions(() => standIn);

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
    const { client, log } = started;
    const device = await link(standIn, started);
    const warnings = collectWarnings();
    await standIn.setReachable(false);
    try {
      await until('the loss', async () => (await client.getState()) !== 'CONNECTED');
      await client.logout();
    } finally {
      await standIn.setReachable(true);
      warnings.stop();
    }
    expect(warnings.list.map(({ code }) => code)).toEqual(['LOGOUT_UNCONFIRMED']);
    expect(log.of('disconnected')).toEqual([['LOGOUT']]);
    expect(existsSync(path.join(dataPath, 'session'))).toBe(false);
    expect(device.linked).toBe(true);
  });

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
