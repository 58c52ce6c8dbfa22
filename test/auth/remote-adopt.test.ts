import { copyFileSync, existsSync, mkdirSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSession } from '../../src/snapshot/archive/export-session.js';
import { FileStore, link, type StandIn, startStandIn } from '../client/support.js';
import { KEY, newFolder, startRemote } from './remote-sessions.js';

let standIn: StandIn;
/** What whatsapp-web.js's RemoteAuth would have left of a linked session. */
let former: string;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

/** A new link, and the archive of it. */
async function linkAndExport() {
  const store = new FileStore({ path: path.join(newFolder(), 'store') });
  const linked = startRemote(standIn, { store });
  const device = await link(standIn, linked);
  await linked.client.destroy();
  former = path.join(newFolder(), 'RemoteAuth.zip');
  await exportSession({ store, session: 'RemoteAuth', encryptionKey: KEY, zipFile: former });
  return device;
}

/** A place in which nothing but the archive lies. */
function placeWithArchive(): { place: string; archive: string } {
  const place = path.join(newFolder(), 'place');
  mkdirSync(place);
  const archive = path.join(place, 'RemoteAuth.zip');
  copyFileSync(former, archive);
  return { place, archive };
}

describe('a session that whatsapp-web.js has left in the store', () => {
  it('is taken over without a code; the archive stays, until the logout', async () => {
    const device = await linkAndExport();
    const { place, archive } = placeWithArchive();
    const first = startRemote(standIn, { store: new FileStore({ path: place }) });
    await first.log.until('ready');
    expect(first.log.of('session_adopted')).toEqual([
      [expect.objectContaining({ session: 'RemoteAuth', place: archive })],
    ]);
    expect(first.log.of('session_restored')).toEqual([[expect.objectContaining({ sequence: 1 })]]);
    expect(first.log.of('qr')).toEqual([]);
    await device.receive({ body: 'after moving in' });
    await first.log.until('message');
    await first.client.destroy();
    expect(existsSync(archive)).toBe(true);

    const second = startRemote(standIn, { store: new FileStore({ path: place }) });
    await second.log.until('ready');
    expect(second.log.of('session_adopted')).toEqual([]);
    await second.client.logout();
    expect(existsSync(archive)).toBe(false);

    copyFileSync(former, archive);
    const third = startRemote(standIn, { store: new FileStore({ path: place }) });
    await third.log.until('qr');
    expect(third.log.of('session_adopted')).toEqual([]);
    await third.client.destroy();
  });

  it('goes from its old place once it was read back, when that is asked for', async () => {
    await linkAndExport();
    const { place, archive } = placeWithArchive();
    const store = new FileStore({ path: place });
    const started = startRemote(standIn, { store, deleteFormerArchives: true });
    await started.log.until('ready');
    expect(existsSync(archive)).toBe(false);
    await started.client.destroy();
  });

  it('and that is damaged ends the start with an error, never with a code', async () => {
    await linkAndExport();
    const { place, archive } = placeWithArchive();
    truncateSync(archive, 5000);
    const started = startRemote(standIn, { store: new FileStore({ path: place }) });
    await expect(started.initialized).rejects.toMatchObject({
      code: 'ARCHIVE_DAMAGED',
      message: expect.stringContaining(archive),
    });
    expect(started.log.of('qr')).toEqual([]);
    expect(existsSync(archive)).toBe(true);
  });

  it('gives way to the profile that whatsapp-web.js has used on this disk since', async () => {
    const device = await linkAndExport();
    const { place } = placeWithArchive();
    // The same login, used further, in the folder that both libraries call the same.
    const dataPath = newFolder();
    const other = new FileStore({ path: path.join(newFolder(), 'other') });
    mkdirSync(other.path);
    copyFileSync(former, path.join(other.path, 'RemoteAuth.zip'));
    const used = startRemote(standIn, { store: other, dataPath });
    await used.log.until('ready');
    await device.receive({ body: 'only on this disk' });
    await used.log.until('message');
    await used.client.destroy();
    rmSync(path.join(dataPath, 'RemoteAuth', 'holdfast-held.json'));

    const started = startRemote(standIn, { store: new FileStore({ path: place }), dataPath });
    await started.log.until('ready');
    expect(started.log.of('session_adopted')).toHaveLength(1);
    expect(started.log.of('session_restored')).toEqual([
      [expect.objectContaining({ from: 'disk' })],
    ]);
    await started.client.destroy();
  });
});
