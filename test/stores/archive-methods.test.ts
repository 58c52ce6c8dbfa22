import { mkdir, mkdtemp, rename, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readArchive } from '../../src/snapshot/archive/read-archive.js';
import { FileStore } from '../../src/stores/file-store.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import type { Store } from '../../src/stores/store.js';
import { markerOf, writeSession } from '../support/session-archive.js';

let folder: string;
let dataPath: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-stores-'));
  dataPath = join(folder, 'data');
  await mkdir(dataPath);
});
afterEach(() => rm(folder, { recursive: true }));

/** An archive as whatsapp-web.js's RemoteAuth leaves it in its data path. */
const archiveOf = (marker: string, zipFile: string) => writeSession(zipFile, marker);

async function markerIn(zipFile: string): Promise<string> {
  const unpacked = await mkdtemp(join(folder, 'unpacked-'));
  await readArchive(zipFile, join(unpacked, 'profile'));
  return markerOf(join(unpacked, 'profile'));
}

const stores: [string, () => Store][] = [
  ['MemoryStore', () => new MemoryStore({ dataPath })],
  ['FileStore', () => new FileStore({ path: join(folder, 'store'), dataPath })],
  [
    'a sealed FileStore',
    () => new FileStore({ path: join(folder, 'store'), dataPath, encryptionKey: 'a passphrase' }),
  ],
];

describe.each(stores)('whatsapp-web.js on %s', (_name, createStore) => {
  const session = 'RemoteAuth-sales';

  it('saves the archive of its data path, says that it exists, and extracts it', async () => {
    const store = createStore();
    expect(await store.sessionExists({ session })).toBe(false);
    await archiveOf('first', join(dataPath, `${session}.zip`));
    await store.save({ session });
    expect(await store.sessionExists({ session })).toBe(true);
    expect(await store.sessionExists({ session: 'RemoteAuth' })).toBe(false);

    await archiveOf('second', join(dataPath, `${session}.zip`));
    await store.save({ session });
    const path = join(folder, 'extracted.zip');
    await store.extract({ session, path });
    expect(await markerIn(path)).toBe('second');
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('takes a session that is told as a path, and finds it again by its name', async () => {
    const store = createStore();
    await archiveOf('first', join(folder, `${session}.zip`));
    await store.save({ session: join(folder, session) });
    expect(await store.sessionExists({ session })).toBe(true);
    expect(await store.sessionExists({ session: join('/elsewhere', session) })).toBe(true);
  });

  it('forgets a session, and takes a new one under its name', async () => {
    const store = createStore();
    const zipFile = join(dataPath, `${session}.zip`);
    await archiveOf('first', zipFile);
    await store.save({ session });
    await store.delete({ session });
    await store.delete({ session });
    expect(await store.sessionExists({ session })).toBe(false);
    const path = join(folder, 'extracted.zip');
    await expect(store.extract({ session, path })).rejects.toMatchObject({
      code: 'SESSION_LOGGED_OUT',
    });
    await expect(stat(path)).rejects.toThrow('ENOENT');

    await store.save({ session });
    await store.extract({ session, path });
    expect(await markerIn(path)).toBe('first');
  });

  it('refuses an archive that is damaged, and keeps what it has', async () => {
    const store = createStore();
    const zipFile = join(dataPath, `${session}.zip`);
    await archiveOf('first', zipFile);
    await store.save({ session });
    await truncate(zipFile, 100);
    await expect(store.save({ session })).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
    const path = join(folder, 'extracted.zip');
    await store.extract({ session, path });
    expect(await markerIn(path)).toBe('first');
  });

  it('says where it has looked when there is no archive', async () => {
    const error = await createStore()
      .save({ session })
      .catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'ARCHIVE_NOT_FOUND' });
    expect((error as Error).message).toContain(join(dataPath, `${session}.zip`));
  });
});

it('a store that cannot be asked is never taken for one without the session', async () => {
  const parent = join(folder, 'mounted');
  await mkdir(parent);
  const store = new FileStore({ path: join(parent, 'store'), dataPath });
  await archiveOf('first', join(dataPath, 'RemoteAuth.zip'));
  await store.save({ session: 'RemoteAuth' });
  await rename(parent, join(folder, 'away'));
  await expect(store.sessionExists({ session: 'RemoteAuth' })).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
  });
});
