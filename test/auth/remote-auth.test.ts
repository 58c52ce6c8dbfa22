import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  FileStore,
  link,
  RemoteAuth,
  type StandIn,
  startClient,
  startStandIn,
  TEMPORARY,
} from '../client/support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

const KEY = Buffer.alloc(32, 7);
const newFolder = () => mkdtempSync(path.join(TEMPORARY, 'remote-'));

function newStore() {
  return new FileStore({ path: path.join(newFolder(), 'store') });
}

function start(store: InstanceType<typeof FileStore>, dataPath: string, options: object = {}) {
  const authStrategy = new RemoteAuth({ store, dataPath, encryptionKey: KEY, ...options });
  return { ...startClient(standIn, { authStrategy }), authStrategy };
}

describe('RemoteAuth', () => {
  it('brings the login back on an empty disk, without a code and without a loss', async () => {
    const store = newStore();
    const first = start(store, newFolder());
    const device = await link(standIn, first);
    const [saved] = await first.log.until('session_saved');
    expect(saved).toMatchObject({ session: 'RemoteAuth', reason: 'ready' });
    expect(first.log.names('remote_session_saved')).toEqual(['remote_session_saved']);
    await device.receive({ body: 'one more' });
    await first.client.destroy();
    const last = first.log.of('session_saved').at(-1)?.[0];
    expect(last).toMatchObject({ reason: 'closed' });

    const second = start(store, newFolder());
    await second.log.until('ready');
    const [restored] = await second.log.until('session_restored');
    expect(restored).toMatchObject({ from: 'store', skipped: [] });
    expect(second.log.of('qr')).toEqual([]);
    expect(second.log.of('remote_session_saved')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
    await second.client.destroy();
    console.log(second.log.names());
  });
});
