import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readArchive } from '../../src/snapshot/archive/read-archive.js';
import { FileStore } from '../../src/stores/file-store.js';
import { rejection } from '../snapshot/support/sessions.js';
import { writeSession } from '../support/session-archive.js';

const session = 'RemoteAuth-sales';

let folder: string;
let place: string;
let archive: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-former-'));
  place = join(folder, 'store');
  archive = join(place, `${session}.zip`);
  await mkdir(place);
});
afterEach(() => rm(folder, { recursive: true }));

const openStore = () => new FileStore({ path: place, encryptionKey: 'a passphrase' });

const writeFormer = (zipFile = archive) => writeSession(zipFile);

describe("an archive of whatsapp-web.js's that lies in the folder of a store", () => {
  it('exists as a session, is extracted sealed from then on, and stays', async () => {
    await writeFormer();
    const store = openStore();
    expect(await store.sessionExists({ session })).toBe(true);
    expect(await store.sessionExists({ session: 'RemoteAuth' })).toBe(false);
    const path = join(folder, 'extracted.zip');
    await store.extract({ session, path });
    await readArchive(path, join(folder, 'unpacked'));
    expect(await readdir(join(folder, 'unpacked', 'Default'))).toContain('IndexedDB');
    expect(await readdir(place)).toContain(`${session}.zip`);

    await rm(archive);
    expect(await store.sessionExists({ session })).toBe(true);
  });

  it('is listed with what is known of it', async () => {
    await writeFormer();
    await writeFormer(join(place, 'RemoteAuth.zip'));
    await writeFile(join(place, 'else.zip'), '');
    const listed = await openStore().formerArchives?.list();
    expect(listed?.map((each) => [each.session, each.place])).toEqual([
      ['RemoteAuth', join(place, 'RemoteAuth.zip')],
      [session, archive],
    ]);
  });

  it('is deleted with the session, and one that turns up later does not bring it back', async () => {
    await writeFormer();
    const store = openStore();
    await store.extract({ session, path: join(folder, 'extracted.zip') });
    await store.delete({ session });
    expect(await readdir(place)).not.toContain(`${session}.zip`);
    await writeFormer();
    expect(await store.sessionExists({ session })).toBe(false);
    const extracting = store.extract({ session, path: join(folder, 'again.zip') });
    expect(await rejection(extracting)).toMatchObject({ code: 'SESSION_LOGGED_OUT' });
  });

  it('is deleted also when it was never taken over', async () => {
    await writeFormer();
    const store = openStore();
    await store.delete({ session });
    expect(await readdir(place)).not.toContain(`${session}.zip`);
    expect(await store.sessionExists({ session })).toBe(false);
  });

  it('that is damaged is an error that says where it is, and nothing is saved of it', async () => {
    await writeFormer();
    await truncate(archive, 1000);
    const store = openStore();
    expect(await store.sessionExists({ session })).toBe(true);
    const extracting = store.extract({ session, path: join(folder, 'extracted.zip') });
    const error = await rejection(extracting);
    expect(error.code).toBe('ARCHIVE_DAMAGED');
    expect(error.message).toContain(archive);
    await writeFormer();
    await store.extract({ session, path: join(folder, 'extracted.zip') });
  });
});
