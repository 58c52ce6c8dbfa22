import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProfileSaver } from '../../src/snapshot/profile-saver.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import { expectProfile, KEY, openWriter, readSession, session } from './support/sessions.js';
import {
  CACHE,
  INDEXED_DB,
  LOCAL_STORAGE,
  smallProfile,
  TestProfile,
} from './support/test-profile.js';
import { WrappedStore } from './support/wrapped-store.js';

describe('a small save', () => {
  it('is one put and one swap', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    const writer = await openWriter(store);
    await writer.save(profile.capture());
    for (let save = 0; save < 5; save++) {
      profile.append();
      profile.setLocalStorage({ counter: String(save) });
      store.take();
      expect(await writer.save(profile.capture())).toMatchObject({ sequence: save + 2 });
      expect(store.takeKinds()).toEqual(['put', 'swapCell']);
    }
  });

  it('is no request at all when nothing has changed, also the second time', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    profile.setLocalStorage({ a: 'b' });
    const writer = await openWriter(store);
    await writer.save(profile.capture());
    store.take();
    expect(await writer.save(profile.capture())).toBeNull();
    expect(await writer.save(profile.capture())).toBeNull();
    expect(store.take()).toEqual([]);

    profile.append();
    await writer.save(profile.capture());
    expect(store.takeKinds()).toEqual(['put', 'swapCell']);
  });

  it('is none when a new writer finds what is stored, though it has to read it', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    await (await openWriter(store)).save(profile.capture());
    const second = await openWriter(store);
    store.take();
    expect(await second.save(profile.capture())).toBeNull();
    expect(store.take()).toEqual([]);
  });

  it('reads only files that have changed, and of a log that has grown only the end', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    const writer = await openWriter(store);
    await writer.save(profile.capture());
    profile.append();
    profile.reads.clear();
    await writer.save(profile.capture());
    // The last chunk, to know the log again, and what is new.
    expect([...profile.reads]).toEqual([[`${INDEXED_DB}/000004.log`, 2]]);
  });

  it('does not repeat the list of 2,000 files, also not after opening anew', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    for (let file = 0; file < 2000; file++) {
      profile.set(`${CACHE}/abc/${file}_0`, `entry ${file} `.repeat(8));
    }
    let writer = await openWriter(store);
    await writer.save(profile.capture());
    for (let save = 0; save < 20; save++) {
      if (save === 10) writer = await openWriter(store);
      profile.append(INDEXED_DB, 200);
      const saved = await writer.save(profile.capture());
      // Now and then the small pieces at the log’s end are sent once more as one.
      expect(saved?.bytesSent).toBeLessThan(16 * 1024);
    }
    // So much changes at last that a new list in full is worth its size; it is right, too.
    for (let file = 0; file < 1000; file++) profile.set(`${CACHE}/abc/${file}_0`, `new ${file}`);
    for (let file = 1500; file < 2000; file++) profile.remove(`${CACHE}/abc/${file}_0`);
    await writer.save(profile.capture());
    const [newest] = await readSession(store);
    expect(newest?.digests).toEqual(profile.digests());
  });
});

describe('a log that is saved 1,000 times', () => {
  it('stays few pieces, and each save sends little more than was appended', async () => {
    const store = new WrappedStore();
    const profile = new TestProfile();
    const writer = await openWriter(store);
    await writer.save(profile.capture());
    let worst = 0;
    for (let save = 0; save < 1000; save++) {
      profile.append(INDEXED_DB, 150 + (save % 7) * 100);
      const { appended } = profile;
      store.take();
      const saved = await writer.save(profile.capture());
      const isMerging = store.takeKinds().includes('get');
      if (!isMerging) worst = Math.max(worst, (saved?.bytesSent ?? 0) - appended);
    }
    expect(worst).toBeLessThan(64 * 1024);

    const [newest] = await readSession(store);
    expect(newest?.digests).toEqual(profile.digests());
    expect(newest?.packs.size).toBeLessThan(48);
  });
});

it('a profile on the disk comes back with what its running browser had in memory', async () => {
  const store = new WrappedStore();
  const folder = await temporaryFolder();
  const userDataDir = join(folder, 'profile');
  const profile = smallProfile();
  await profile.writeTo(userDataDir);
  const options = { store, session, encryptionKey: KEY, userDataDir };
  const saver = await ProfileSaver.open(options);
  expect(await saver.save()).toMatchObject({ sequence: 1 });
  store.take();
  expect(await saver.save()).toBeNull();
  expect(store.take()).toEqual([]);

  profile.append(LOCAL_STORAGE);
  profile.compact(1, [5000]);
  await profile.writeTo(userDataDir);
  expect(await saver.save()).toMatchObject({ sequence: 2 });
  await saver.close();
  const targetDir = join(folder, 'restored');
  await restoreSession({ ...options, targetDir });
  await expectProfile(targetDir, profile);
});
