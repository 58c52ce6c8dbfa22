import { expect, it } from 'vitest';
import { checkDatabase } from '../../src/profile/leveldb/check-database.js';
import { prepareProfile } from '../../src/profile/prepare-profile.js';
import { listStorageDatabases } from '../../src/profile/storage-databases.js';
import { StorageBrowser, servePage } from './support/storage-browser.js';
import { temporaryFolder } from './support/temporary-folder.js';

it('a profile that Chromium closed has nothing to trim', async () => {
  const profile = await temporaryFolder();
  const browser = await StorageBrowser.start(profile, await servePage());
  await browser.keepWriting(300);
  await browser.close();

  const databases = await listStorageDatabases(profile);
  expect(databases.filter(({ holdsLogin }) => holdsLogin)).toHaveLength(2);
  for (const { dir } of databases)
    expect(await checkDatabase(dir, { deep: true })).toEqual({ state: 'ok' });
  expect(await prepareProfile(profile)).toEqual({ trimmed: [] });
});

it('a profile whose Chromium was killed while writing is never damaged, round after round', async () => {
  const profile = await temporaryFolder();
  const url = await servePage();
  // 16 KB each: memtables of 4 MB fill up and are compacted all the time.
  for (const writes of [1, 400, 1100, 300, 1700]) {
    const browser = await StorageBrowser.start(profile, url);
    await browser.keepWriting(writes);
    await browser.kill();
    for (const { dir } of await listStorageDatabases(profile)) {
      expect(['ok', 'torn']).toContain((await checkDatabase(dir, { deep: true })).state);
    }
    await prepareProfile(profile);
  }
});

it('a profile that Chromium keeps in SQLite is refused and stays as it is', async () => {
  const profile = await temporaryFolder();
  const url = await servePage();
  const sqlite = '--enable-features=IdbSqliteBackingStore,IdbSqliteOnDiskRollout';
  const first = await StorageBrowser.start(profile, url, [sqlite]);
  await first.write(['entry']);
  await first.close();

  await expect(prepareProfile(profile)).rejects.toMatchObject({
    code: 'PROFILE_LAYOUT_UNSUPPORTED',
    message: expect.stringContaining(`Default/IndexedDB/http_127.0.0.1_${new URL(url).port}/`),
  });
  const second = await StorageBrowser.start(profile, url, [sqlite]);
  expect(await second.names()).toEqual(['entry']);
  await second.close();
});
