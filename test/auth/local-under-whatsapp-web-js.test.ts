import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalAuth, type StandIn } from '../client/support.js';
import { newFolder } from './remote-sessions.js';
import {
  linkTheirs,
  navigateLate,
  PASSING_STATES,
  showState,
  startSlowStandIn,
  startTheirs,
} from './whatsapp-web-js.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startSlowStandIn();
});
afterAll(() => standIn.close());

const start = (dataPath: string) => startTheirs(standIn, new LocalAuth({ dataPath }));

for (const state of PASSING_STATES) {
  test(`LocalAuth keeps the login when ${state} closes whatsapp-web.js's client`, async () => {
    const dataPath = newFolder();
    const first = start(dataPath);
    const device = await linkTheirs(standIn, first);
    showState(device, state);
    expect(await first.emitted.until('disconnected')).toBe(state);
    // At once: the client is closing itself already.
    await first.client.destroy();
    device.forceState('CONNECTED');
    const second = start(dataPath);
    await second.initialized;
    await second.emitted.until('ready');
    expect(second.emitted.names('qr')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
  });
}

test('LocalAuth goes on when a listener of disconnected starts the client again', async () => {
  const first = start(newFolder());
  const device = await linkTheirs(standIn, first);
  const restarted = new Promise<void>((resolve, reject) => {
    first.client.once('disconnected', () => {
      device.forceState('CONNECTED');
      first.client.initialize().then(resolve, reject);
    });
  });
  showState(device, 'PROXYBLOCK');
  await restarted;
  await first.emitted.until('ready', 2);
  expect(first.emitted.names('qr')).toHaveLength(1);
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
});

for (const end of ['logout', 'unlink'] as const) {
  test(`LocalAuth holds nothing when it is called after the browser has gone by ${end}`, async () => {
    const dataPath = newFolder();
    const signals = process.listenerCount('SIGTERM');
    const first = start(dataPath);
    await linkTheirs(standIn, first);
    if (end === 'logout') await first.client.logout();
    else await first.client.destroy();
    await navigateLate(first);
    expect(process.listenerCount('SIGTERM')).toBe(signals);
    // What the phone has ended was not asked to be forgotten.
    expect(readdirSync(dataPath)).toEqual(end === 'logout' ? [] : ['session']);
    // A claim would keep it: PROFILE_IN_USE.
    const second = start(dataPath);
    await second.initialized;
    await second.injected();
  });
}
