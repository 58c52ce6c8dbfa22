import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../client/processes.js';
import { collectWarnings, link, type StandIn, startStandIn } from '../client/support.js';
import { CommunityStore } from './remote/support/community-store.js';
import { KEY, killBrowser, newFolder, startRemote } from './remote-sessions.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

/** Everything but the store. */
function wipe(dataPath: string): void {
  rmSync(dataPath, { recursive: true });
  mkdirSync(dataPath);
}

/** A store that looks for archives in the data path, and that folder. */
function newStore() {
  const folder = newFolder();
  const dataPath = path.join(folder, 'data');
  mkdirSync(dataPath);
  return { store: new CommunityStore(path.join(folder, 'store'), dataPath), dataPath };
}

describe('RemoteAuth with a store that has only the four methods', () => {
  for (const encryptionKey of [undefined, KEY]) {
    it(`keeps the login, ${encryptionKey ? 'sealed' : 'not sealed'}`, async () => {
      const { store, dataPath } = newStore();
      const warnings = collectWarnings();
      const first = startRemote(standIn, {
        store,
        dataPath,
        encryptionKey,
        clientId: 'sales',
        backupSyncIntervalMs: 500,
      });
      const device = await link(standIn, first);
      await first.log.until('remote_session_saved');
      await device.receive({ body: 'in the next archive' });
      await first.log.until('session_saved', 2);
      killBrowser(first);
      await first.log.until('disconnected');
      warnings.stop();
      const said = warnings.list.map(({ code }) => code);
      expect(said.filter((code) => code === 'NO_LEASE')).toHaveLength(1);
      expect(said.includes('NOT_SEALED')).toBe(encryptionKey === undefined);
      const archive = readFileSync(store.fileOf('RemoteAuth-sales'));
      expect(archive.subarray(0, 2).toString() === 'PK').toBe(encryptionKey === undefined);
      expect(readdirSync(dataPath)).toEqual(['RemoteAuth-sales']);
      expect(readdirSync('.').filter((name) => name.endsWith('.zip'))).toEqual([]);

      wipe(dataPath);
      const options = { store, dataPath, encryptionKey, clientId: 'sales' };
      const second = startRemote(standIn, options);
      await second.log.until('ready');
      expect(second.log.of('qr')).toEqual([]);
      expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
      await second.client.logout();
      expect(await store.sessionExists({ session: 'RemoteAuth-sales' })).toBe(false);
    });
  }

  it('keeps the login of a new link after an unlink', async () => {
    const { store, dataPath } = newStore();
    const options = { store, dataPath, backupSyncIntervalMs: 500 };
    const first = startRemote(standIn, options);
    const device = await link(standIn, first);
    await first.log.until('session_saved');
    device.unlink();
    await standIn.phone.scan((await first.log.until('qr', 2))[0]);
    await first.log.until('remote_session_saved', 2);
    await first.client.destroy();
    wipe(dataPath);
    const second = startRemote(standIn, { store, dataPath });
    await second.log.until('ready');
    expect(second.log.of('qr')).toEqual([]);
  });

  it('does not mistake a store that cannot say for one without the session', async () => {
    const { store, dataPath } = newStore();
    const first = startRemote(standIn, { store, dataPath });
    await link(standIn, first);
    await first.log.until('session_saved');
    await first.client.destroy();
    store.faults = { exists: undefined };
    wipe(dataPath);
    const second = startRemote(standIn, { store, dataPath });
    const warnings = collectWarnings();
    await until('warning', () => warnings.list.some(({ code }) => code === 'STORE_AWAY'));
    store.faults = {};
    await second.log.until('ready');
    warnings.stop();
    expect(second.log.of('qr')).toEqual([]);
  });
});
