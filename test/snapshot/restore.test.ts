import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/errors.js';
import { claimProfile } from '../../src/profile/profile-claim.js';
import { replaceFolder } from '../../src/snapshot/restore/replace-folder.js';
import { readRestoreMarker } from '../../src/snapshot/restore/restore-marker.js';
import { type RestoreOptions, restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { SessionWriter } from '../../src/snapshot/session-writer.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import {
  digestsIn,
  expectProfile,
  KEY,
  openWriter,
  rejection,
  session,
  withoutLocalStorage,
} from './support/sessions.js';
import { BLOBS, INDEXED_DB, smallProfile, TestProfile } from './support/test-profile.js';
import { WrappedStore } from './support/wrapped-store.js';

let store: WrappedStore;
let profile: TestProfile;
let writer: SessionWriter;
let folder: string;
let options: RestoreOptions;
beforeEach(async () => {
  store = new WrappedStore();
  profile = smallProfile();
  writer = await openWriter(store);
  await writer.save(profile.capture());
  folder = await temporaryFolder();
  options = { store, session, encryptionKey: KEY, targetDir: join(folder, 'profile') };
});

const leftovers = async () => (await readdir(folder)).filter((name) => name !== 'profile');

describe('a restore', () => {
  it.each([0, -1, 1.5])('that is to read %s at once is refused', async (readsAtOnce) => {
    const restore = restoreSession({ ...options, readsAtOnce });
    await expect(restore).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('reads several at once where that is asked for, and is the same', async () => {
    await restoreSession({ ...options, readsAtOnce: 4 });
    await expectProfile(options.targetDir, profile);
  });

  it('lays down the profile, says what it is, and leaves nothing beside it', async () => {
    const restored = await restoreSession(options);
    await expectProfile(options.targetDir, profile);
    expect(restored).toMatchObject({
      sequence: 1,
      browserVersion: '156.0.8078.73',
      files: profile.digests().size,
      bytes: profile.size,
      reusedFiles: 0,
      live: 'not-needed',
      skipped: [],
    });
    expect(await readRestoreMarker(options.targetDir)).toMatchObject({ session, sequence: 1 });
    expect(await leftovers()).toEqual([]);
    await expectProfile(options.targetDir, profile);
  });

  it('gives each snapshot by its number, and says which there are', async () => {
    const first = profile.digests();
    profile.append();
    await writer.save(profile.capture());
    await restoreSession({ ...options, snapshot: 1 });
    expect(await digestsIn(options.targetDir)).toEqual(first);
    const error = await rejection(
      restoreSession({ ...options, snapshot: 7 }),
      'SNAPSHOT_NOT_FOUND',
    );
    expect(error.message).toContain('1, 2');
    expect(await digestsIn(options.targetDir)).toEqual(first);
  });

  it('writes live values into the database, and hands over the cookies', async () => {
    const cookie = { name: 'wa', value: '1', domain: '.whatsapp.com', path: '/' };
    profile.setLocalStorage({ WANoiseInfo: 'x'.repeat(40_000), 'ü\ud800': '\0' }, [cookie]);
    await writer.save(profile.capture());
    const restored = await restoreSession(options);
    expect(restored).toMatchObject({ live: 'included', cookies: [cookie] });
    const digests = await digestsIn(options.targetDir);
    expect(withoutLocalStorage(digests)).toEqual(withoutLocalStorage(profile.digests()));
    const log = await readFile(
      join(options.targetDir, 'Default/Local Storage/leveldb/000002.log'),
      'latin1',
    );
    expect(log).toContain('WANoiseInfo');
  });

  it('carries a localStorage value that is larger than a chunk may be', async () => {
    const large = 'ä'.repeat(5_000_000);
    profile.setLocalStorage({ large, small: '1' });
    await writer.save(profile.capture());
    const again = await SessionWriter.open(options);
    expect(await again.save(profile.capture())).toBeNull();
    expect(await restoreSession(options)).toMatchObject({ sequence: 2, skipped: [] });
  });

  it('fetches only what the folder it replaces does not have', async () => {
    await restoreSession(options);
    profile.append();
    await writer.save(profile.capture());
    store.take();
    const restored = await restoreSession(options);
    expect(restored.reusedFiles).toBe(profile.digests().size - 1);
    expect(restored.bytesFetched).toBeLessThan(
      profile.bytesOf(`${INDEXED_DB}/000004.log`).length + 99,
    );
    await expectProfile(options.targetDir, profile);
    expect(await leftovers()).toEqual([]);
  });

  it('does not take over what only looks the same', async () => {
    await restoreSession(options);
    const blob = join(options.targetDir, BLOBS, '1/00/1');
    const content = await readFile(blob);
    content[9] = (content[9] ?? 0) ^ 1;
    await writeFile(blob, content);
    await restoreSession(options);
    await expectProfile(options.targetDir, profile);
  });

  it('of another session leaves nothing of one that was cut off', async () => {
    const other = new TestProfile(5);
    other.set('Default/IndexedDB/https_other_0.indexeddb.leveldb/CURRENT', 'MANIFEST-000001\n');
    await (await openWriter(store, { session: 'RemoteAuth-b' })).save(other.capture());
    store.fault = ({ kind, bytes }) => (kind === 'get' && bytes > 600 ? 'fail' : null);
    await rejection(restoreSession({ ...options, session: 'RemoteAuth-b' }), 'STORE_UNREACHABLE');
    store.heal();
    await mkdir(join(`${options.targetDir}.holdfast-restoring`, 'Default/IndexedDB/x.leveldb/y'), {
      recursive: true,
    });
    await restoreSession(options);
    await expectProfile(options.targetDir, profile);
    expect(await readdir(join(options.targetDir, 'Default/IndexedDB'))).toEqual(
      [BLOBS, INDEXED_DB].map((path) => path.split('/').at(-1)),
    );
  });

  it('leaves nothing on the disk for a session that cannot be opened', async () => {
    await rejection(
      restoreSession({ ...options, session: 'RemoteAuth-none' }),
      'SESSION_NOT_FOUND',
    );
    await rejection(restoreSession({ ...options, encryptionKey: undefined }), 'KEY_MISSING');
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a profile that is in use, and another restore to the same place', async () => {
    await restoreSession(options);
    const claim = await claimProfile(options.targetDir);
    await rejection(restoreSession(options), 'PROFILE_IN_USE');
    await claim.release();
    const results = await Promise.allSettled([restoreSession(options), restoreSession(options)]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason.code).toBe('PROFILE_IN_USE');
    }
    await expectProfile(options.targetDir, profile);
    // The claim is free again.
    await (await claimProfile(options.targetDir)).release();
  });

  it('says DATA_PATH_UNUSABLE when the disk does not let it', async () => {
    await writeFile(join(folder, 'file'), '');
    const targetDir = join(folder, 'file', 'profile');
    const error = await rejection(restoreSession({ ...options, targetDir }), 'DATA_PATH_UNUSABLE');
    expect(error.message).toContain(targetDir);
    expect(error.transient).toBe(false);
  });
});

describe('a restore that was cut off', () => {
  it('goes on where it ended, at whichever request that was', async () => {
    for (let seed = 1; seed < 4; seed++) profile.compact(0, [3_000_000]);
    await writer.save(profile.capture());
    store.take();
    const whole = await restoreSession(options);
    const requests = store.take().length;
    for (let n = 3; n < requests; n++) {
      await rm(options.targetDir, { recursive: true });
      store.failAt(n, 'fail', true);
      await rejection(restoreSession(options), 'STORE_UNREACHABLE');
      store.heal();
      const again = await restoreSession(options);
      await expectProfile(options.targetDir, profile);
      if (n === requests - 1) expect(again.bytesFetched).toBeLessThan(whole.bytesFetched);
      expect(again.bytesFetched).toBeLessThanOrEqual(whole.bytesFetched);
    }
  });

  it('between its two renames is completed by the next', async () => {
    await restoreSession(options);
    profile.append();
    await writer.save(profile.capture());
    await rename(options.targetDir, `${options.targetDir}.holdfast-old-0123abcd`);
    await restoreSession(options);
    await expectProfile(options.targetDir, profile);
    expect(await leftovers()).toEqual([]);
  });

  it('puts the old folder back when what was staged has gone', async () => {
    await restoreSession(options);
    const staging = join(folder, 'gone');
    await expect(replaceFolder(staging, options.targetDir)).rejects.toThrow('gone');
    await expectProfile(options.targetDir, profile);
    expect(await leftovers()).toEqual([]);
  });
});

it('a reader always comes to an end while a writer saves every few milliseconds', async () => {
  profile = smallProfile(300_000);
  const retention = { snapshots: 2 };
  const busy = await openWriter(store, { retention });
  await busy.save(profile.capture());
  const seen: string[] = [];
  let isEnded = false;
  const digestsOf = new Map<number, string>();
  const writing = (async () => {
    while (!isEnded) {
      profile.compact(1, [10_000]);
      for (let file = 0; file < 5; file++) {
        profile.set(`${BLOBS}/1/00/${file}`, profile.randomBytes(2000), 'fixed');
      }
      const saved = await busy.save(profile.capture());
      if (saved) digestsOf.set(saved.sequence, JSON.stringify([...profile.digests()]));
      // A store in memory answers at once; none that several processes share does.
      await setTimeout(3);
    }
  })();
  try {
    for (let round = 0; round < 10; round++) {
      const { sequence, skipped } = await restoreSession(options);
      expect(skipped).toEqual([]);
      const restored = JSON.stringify([...(await digestsIn(options.targetDir))]);
      if (digestsOf.has(sequence)) expect(restored).toBe(digestsOf.get(sequence));
      seen.push(restored);
    }
  } finally {
    isEnded = true;
    await writing;
  }
  expect(new Set(seen).size).toBeGreaterThan(5);
});

it('a reader comes to its end with the snapshot that it has begun with', async () => {
  const busy = await openWriter(store, { retention: { snapshots: 1 } });
  profile.append();
  await busy.save(profile.capture());
  const begun = profile.digests();
  const { inner } = store;
  const get = inner.get.bind(inner);
  inner.get = async (...args) => {
    inner.get = get;
    for (let seed = 2; seed < 12; seed++) await busy.save(smallProfile(20_000, seed).capture());
    return get(...args);
  };
  expect(await restoreSession(options)).toMatchObject({ sequence: 2, skipped: [] });
  expect(await digestsIn(options.targetDir)).toEqual(begun);
});

it('a store that cannot be reached is neither damage nor absence', async () => {
  profile.append();
  await writer.save(profile.capture());
  for (const kind of ['readCell', 'get'] as const) {
    store.fault = (request) => (request.kind === kind ? 'fail' : null);
    const error = await rejection(restoreSession(options), 'STORE_UNREACHABLE');
    expect(error).toBeInstanceOf(HoldfastError);
    expect(error.transient).toBe(true);
  }
  store.heal();
  expect(existsSync(options.targetDir)).toBe(false);
});
