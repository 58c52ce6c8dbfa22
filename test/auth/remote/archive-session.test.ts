import { randomBytes } from 'node:crypto';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  ArchiveSession,
  type ArchiveSessionOptions,
} from '../../../src/auth/remote/archive-session.js';
import { HoldfastError } from '../../../src/errors.js';
import { ProfileCapturer } from '../../../src/profile/capture/profile-capturer.js';
import { readContent } from '../../../src/profile/leveldb/read-entries.js';
import { claimProfile } from '../../../src/profile/profile-claim.js';
import { readArchive } from '../../../src/snapshot/archive/read-archive.js';
import { writeArchive } from '../../../src/snapshot/archive/write-archive.js';
import { MemoryStore } from '../../../src/stores/memory-store.js';
import * as warnings from '../../../src/system/warn.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import { unpackedByTheirs } from '../../snapshot/archive/support/their-remote-auth.js';
import { digestsIn, rejection, withoutLocalStorage } from '../../snapshot/support/sessions.js';
import { CACHE, INDEXED_DB, LOCAL_STORAGE } from '../../snapshot/support/test-profile.js';
import {
  browse,
  KEY,
  type Machine,
  machine,
  otherMachine,
  session,
} from './support/archive-setup.js';

/** A machine whose session is in the store already. */
async function saved(options: { encryptionKey?: Uint8Array } = {}): Promise<Machine> {
  const here = await machine();
  await here.open(options).save(await here.write());
  return here;
}

async function localStorageIn(userDataDir: string): Promise<string[]> {
  const content = await readContent(join(userDataDir, LOCAL_STORAGE), () => true);
  return [...(content?.entries ?? [])].map(
    ([key, value]) => `${key}=${Buffer.from(value).toString('latin1')}`,
  );
}

for (const readsFrom of ['cwd', 'dataPath'] as const) {
  it(`saves to a store that reads from ${readsFrom}, and restores elsewhere`, async () => {
    const here = await machine({ readsFrom });
    here.profile.setLocalStorage({ WANoiseInfo: 'fresh from memory' });
    const first = await here.open().save(await here.write());
    const { size } = await stat(here.store.fileOf(session));
    expect(first).toMatchObject({
      session,
      generation: 1,
      sequence: 1,
      bytesSent: size,
      chunks: 1,
    });
    expect(await here.leftovers()).toEqual([]);

    const there = await otherMachine(here);
    const brought = await there.open().bring(there.userDataDir);
    expect(brought).toMatchObject({ from: 'store', isStored: true, sequence: 0, skipped: [] });
    expect(brought).toMatchObject({ bytesFetched: size, savedAt: null, browserVersion: null });
    expect(withoutLocalStorage(await digestsIn(there.userDataDir))).toEqual(
      withoutLocalStorage(here.profile.digests()),
    );
    const items = (await localStorageIn(there.userDataDir)).join('\n');
    expect(items).toContain('fresh from memory');
    expect(await there.leftovers()).toEqual([]);
    for (const name of ['holdfast-restored.json', 'holdfast-archive.json']) {
      expect((await stat(join(there.userDataDir, name))).mode & 0o077).toBe(0);
    }
  });
}

it('what it saves, whatsapp-web.js unpacks to the same files', async () => {
  const here = await saved();
  const unpacked = await unpackedByTheirs(await temporaryFolder(), here.store.fileOf(session));
  expect(await digestsIn(unpacked)).toEqual(here.profile.digests());
});

it('sealed, the store never sees the plain archive, and only the key opens it', async () => {
  const here = await machine();
  const seen: Buffer[] = [];
  here.store.onSave = async (zipFile) => {
    seen.push(await readFile(zipFile));
    for (const name of await readdir(here.dataPath, { recursive: true })) {
      if (name.startsWith(session) && !name.endsWith('.zip')) continue;
      const file = join(here.dataPath, name);
      if ((await stat(file)).isFile()) seen.push(await readFile(file));
    }
  };
  await here.open({ encryptionKey: KEY }).save(await here.write());
  expect(seen.length).toBeGreaterThan(1);
  for (const bytes of seen) {
    expect(bytes.includes('PK\x03\x04')).toBe(false);
    expect(bytes.includes('IndexedDB')).toBe(false);
  }
  const there = await otherMachine(here);
  const bring = (encryptionKey?: Uint8Array) =>
    there.open({ encryptionKey }).bring(there.userDataDir);
  await rejection(bring(), 'KEY_MISSING');
  await rejection(bring(randomBytes(32)), 'KEY_WRONG');
  expect(await readdir(there.dataPath)).toEqual([]);
  expect(await bring(KEY)).toMatchObject({ from: 'store' });
  expect(await digestsIn(there.userDataDir)).toEqual(here.profile.digests());
  // Also where the folder would be kept: the next save would be in the clear.
  await rejection(bring(), 'KEY_MISSING');
  await rejection(bring(randomBytes(32)), 'KEY_WRONG');
  expect(await bring(KEY)).toMatchObject({ from: 'disk' });
});

it('with a key, an archive that is not sealed is refused', async () => {
  const here = await saved();
  const before = await digestsIn(here.userDataDir);
  const encryptionKey = KEY;
  await rejection(here.open({ encryptionKey }).bring(here.userDataDir), 'SESSION_NOT_SEALED');
  await rm(join(here.userDataDir, 'holdfast-archive.json'));
  await rejection(here.open({ encryptionKey }).bring(here.userDataDir), 'SESSION_NOT_SEALED');
  expect(await digestsIn(here.userDataDir)).toEqual(before);
  expect(await here.leftovers()).toEqual([]);
});

it('saves again only what has changed', async () => {
  const here = await machine();
  const archives = here.open();
  const capturer = await here.write();
  here.profile.setLocalStorage({ a: '1' });
  expect(await archives.save(capturer)).toMatchObject({ sequence: 1 });
  expect(await archives.save(capturer)).toBeNull();
  expect(here.store.calls).toEqual(['save']);

  // Just written, so that its stamp says nothing.
  const cached = join(here.userDataDir, CACHE, 'abc/1_0');
  await writeFile(cached, 'another content');
  expect(await archives.save(capturer)).toMatchObject({ sequence: 2 });
  await writeFile(cached, 'another content');
  expect(await archives.save(capturer)).toBeNull();
  await browse(here);
  expect(await archives.save(capturer)).toMatchObject({ sequence: 3 });

  const live = (value: string) => ({
    readLiveValues: async () => ({
      localStorage: [
        { origin: 'https://web.whatsapp.com', items: [['a', value] as [string, string]] },
      ],
      cookies: [{ name: 'seen', value: String(Math.random()) }],
    }),
  });
  const withLive = (value: string) =>
    new ProfileCapturer(here.userDataDir, { livePage: live(value) });
  expect(await archives.save(withLive('2'))).toMatchObject({ sequence: 4 });
  expect(await archives.save(withLive('2'))).toBeNull();
  expect(await archives.save(withLive('3'))).toMatchObject({ sequence: 5 });
});

it('a file that is written while it is read is read again', async () => {
  const here = await machine();
  const capturer = await here.write();
  const capture = capturer.capture.bind(capturer);
  const file = `${CACHE}/abc/1_0`;
  vi.spyOn(capturer, 'capture').mockImplementation(async () => {
    const profile = await capture();
    const cached = profile.files.find(({ path }) => path === file);
    if (!cached) throw new Error('not captured');
    const { read } = cached;
    let reads = 0;
    cached.read = async (target, position) => {
      await read(target, position);
      // Half of an older state, as a write in the middle of reading makes it.
      // Three times to see whether it has changed, and once to be laid down.
      if (++reads <= 4) target.fill(0);
    };
    cached.isSettled = async () => reads > 4;
    cached.stamp = null;
    return profile;
  });
  const archives = here.open();
  await archives.save(capturer);
  const unpacked = join(await temporaryFolder(), 'unpacked');
  await readArchive(here.store.fileOf(session), unpacked);
  expect(await digestsIn(unpacked)).toEqual(here.profile.digests());
});

it('a failed save leaves the archive before, and nothing else', async () => {
  const here = await saved();
  const before = await readFile(here.store.fileOf(session));
  await browse(here);
  here.store.faults = { throws: 'save' };
  const archives = here.open();
  const capturer = new ProfileCapturer(here.userDataDir);
  const error = await rejection(archives.save(capturer), 'STORE_UNREACHABLE');
  expect(error.transient).toBe(true);
  expect(error.message).toContain('save');
  expect(error.message).toContain(session);
  expect(error.cause).toMatchObject({ message: 'connect ECONNREFUSED' });
  expect(await here.leftovers()).toEqual([]);
  expect(await readFile(here.store.fileOf(session))).toEqual(before);
  here.store.faults = {};
  expect(await archives.save(capturer)).toMatchObject({ sequence: 1 });
});

it('a capture that does not check is not saved', async () => {
  const here = await machine();
  const capturer = await here.write();
  const capture = capturer.capture.bind(capturer);
  vi.spyOn(capturer, 'capture').mockImplementation(async () => {
    const profile = await capture();
    for (const file of profile.files) {
      if (file.path !== `${INDEXED_DB}/MANIFEST-000001`) continue;
      file.read = async (target) => void target.fill(7);
    }
    return profile;
  });
  await rejection(here.open({ encryptionKey: KEY }).save(capturer), 'PROFILE_DAMAGED');
  expect(here.store.calls).toEqual([]);
  expect(await here.leftovers()).toEqual([]);
});

it("an error of Holdfast's own comes from a store as it is", async () => {
  const here = await machine();
  const own = new HoldfastError('STORE_FULL', 'full');
  here.store.onSave = () => Promise.reject(own);
  expect(await rejection(here.open().save(await here.write()))).toBe(own);
});

it.each([undefined, null, 'true', 1])('%s is no answer to whether it exists', async (exists) => {
  const here = await saved();
  const there = await otherMachine(here);
  await browse(there);
  const before = await digestsIn(there.userDataDir);
  here.store.faults = { exists };
  const error = await rejection(there.open().bring(there.userDataDir), 'STORE_UNREACHABLE');
  expect(error.transient).toBe(true);
  await rejection(there.open().remove(), 'STORE_UNREACHABLE');
  expect(here.store.calls).not.toContain('delete');
  expect(await digestsIn(there.userDataDir)).toEqual(before);
});

it.each([
  ['STORE_UNREACHABLE', { throws: 'sessionExists' }],
  ['STORE_UNREACHABLE', { throws: 'extract' }],
  ['ARCHIVE_NOT_FOUND', { extractsNothing: true }],
  ['ARCHIVE_DAMAGED', { extractsPart: 0 }],
  ['ARCHIVE_DAMAGED', { extractsPart: 0.5 }],
  ['ARCHIVE_DAMAGED', { extractsPart: 0.999 }],
] as const)('%s with %o, and the folder stays', async (code, faults) => {
  for (const options of [{}, { encryptionKey: KEY }]) {
    const here = await saved(options);
    await rm(join(here.userDataDir, 'holdfast-archive.json'));
    const before = await digestsIn(here.userDataDir);
    here.store.faults = faults;
    await rejection(here.open(options).bring(here.userDataDir), code);
    expect(await digestsIn(here.userDataDir)).toEqual(before);
    expect(await here.leftovers()).toEqual([]);
    // Nobody has the folder any more.
    await (await claimProfile(here.userDataDir)).release();
  }
});

it('waits for a store that says it has extracted before it has', async () => {
  for (const options of [{}, { encryptionKey: KEY }]) {
    const here = await saved(options);
    // In all longer than it is waited for one that stands still.
    here.store.faults = { extractsLateMs: 1000 };
    const there = await otherMachine(here);
    expect(await there.open(options).bring(there.userDataDir)).toMatchObject({ from: 'store' });
    expect(await digestsIn(there.userDataDir)).toEqual(here.profile.digests());
  }
});

it('restores no archive whose databases are damaged, and cuts off torn ends', async () => {
  const here = await saved();
  await rm(join(here.userDataDir, 'holdfast-archive.json'));
  const made = join(await temporaryFolder(), 'profile');
  const log = join(made, INDEXED_DB, '000004.log');
  await here.profile.writeTo(made);
  await truncate(log, (await stat(log)).size - 5);
  await writeArchive(made, here.store.fileOf(session));
  const before = await digestsIn(here.userDataDir);
  expect(await here.open().bring(here.userDataDir)).toMatchObject({ from: 'store' });
  const { size } = await stat(join(here.userDataDir, INDEXED_DB, '000004.log'));
  expect(size).toBeLessThan((await stat(log)).size);

  const restored = await digestsIn(here.userDataDir);
  expect(restored).not.toEqual(before);
  await writeFile(join(made, INDEXED_DB, 'MANIFEST-000001'), randomBytes(100));
  await writeArchive(made, here.store.fileOf(session));
  await rejection(here.open().bring(here.userDataDir), 'PROFILE_DAMAGED');
  expect(await digestsIn(here.userDataDir)).toEqual(restored);
  expect(await here.leftovers()).toEqual([]);
});

it('with nothing in the store, what is on the disk stays', async () => {
  const here = await machine();
  const nowhere = { from: 'nowhere', isStored: false, browserVersion: null };
  expect(await here.open().bring(here.userDataDir)).toEqual(nowhere);
  await mkdir(here.userDataDir);
  expect(await here.open().bring(here.userDataDir)).toEqual(nowhere);
  await browse(here);
  expect(await here.open().bring(here.userDataDir)).toEqual({
    from: 'disk',
    isStored: false,
    browserVersion: '156.0.8078.73',
  });
});

it('keeps the local profile while nobody else has saved', async () => {
  const here = await saved();
  await browse(here);
  const before = await digestsIn(here.userDataDir);
  expect(await here.open().bring(here.userDataDir)).toEqual({
    from: 'disk',
    isStored: true,
    browserVersion: '156.0.8078.73',
  });
  expect(await digestsIn(here.userDataDir)).toEqual(before);

  const there = await otherMachine(here);
  await there.open().bring(there.userDataDir);
  there.profile.append();
  await there.profile.writeTo(there.userDataDir);
  expect(await there.open().bring(there.userDataDir)).toMatchObject({ from: 'disk' });
});

it('restores what somebody else has saved since', async () => {
  const here = await saved();
  const there = await otherMachine(here);
  await there.open().bring(there.userDataDir);
  await browse(here);
  await here.open().save(new ProfileCapturer(here.userDataDir));
  await browse(there);
  expect(await there.open().bring(there.userDataDir)).toMatchObject({ from: 'store' });
  expect(await digestsIn(there.userDataDir)).toEqual(here.profile.digests());
});

it('keeps the local profile when the answer of a save was lost', async () => {
  const here = await saved();
  const archives = here.open();
  await archives.bring(here.userDataDir);
  for (const faults of [{ throws: 'save' }, { savesThenThrows: true }] as const) {
    await browse(here);
    here.store.faults = faults;
    await rejection(archives.save(new ProfileCapturer(here.userDataDir)), 'STORE_UNREACHABLE');
    expect(await here.open().bring(here.userDataDir)).toMatchObject({
      from: 'disk',
      isStored: true,
    });
  }
});

it('restores when the local profile is damaged', async () => {
  const here = await saved();
  const manifest = join(here.userDataDir, INDEXED_DB, 'MANIFEST-000001');
  await writeFile(manifest, randomBytes(100));
  expect(await here.open().bring(here.userDataDir)).toMatchObject({ from: 'store' });
  expect(await digestsIn(here.userDataDir)).toEqual(here.profile.digests());
  await rm(here.store.fileOf(session));
  await writeFile(manifest, randomBytes(100));
  await rejection(here.open().bring(here.userDataDir), 'PROFILE_DAMAGED');
});

it('does not believe the marker of another session', async () => {
  const here = await saved();
  const marker = join(here.userDataDir, 'holdfast-archive.json');
  const text = await readFile(marker, 'utf8');
  await writeFile(marker, text.replace(session, 'RemoteAuth-other'));
  expect(await here.open().bring(here.userDataDir)).toMatchObject({ from: 'store' });
  await writeFile(marker, text.slice(0, 20));
  expect(await here.open().bring(here.userDataDir)).toMatchObject({ from: 'store' });
});

it('does not touch a profile that is in use', async () => {
  const here = await saved();
  const claim = await claimProfile(here.userDataDir);
  await rejection(here.open().bring(here.userDataDir), 'PROFILE_IN_USE');
  expect(here.store.calls).toEqual(['save']);
  await claim.release();
});

it('does not restore a login that has ended, until a new one is saved', async () => {
  const here = await machine();
  const archives = here.open();
  await archives.save(await here.write());
  await archives.markUnlinked();
  const note = join(here.dataPath, `${session}.unlinked`);
  expect((await stat(note)).mode & 0o077).toBe(0);
  await here.open().bring(here.userDataDir);
  await rm(here.userDataDir, { recursive: true });
  const later = here.open();
  expect(await later.bring(here.userDataDir)).toMatchObject({ from: 'nowhere', isStored: false });
  // Kept in the store, and still noted.
  expect(await stat(here.store.fileOf(session))).toBeTruthy();
  await later.markUnlinked();
  expect(await here.open().bring(here.userDataDir)).toMatchObject({ from: 'nowhere' });

  await browse(here);
  expect(await here.open().bring(here.userDataDir)).toMatchObject({
    from: 'disk',
    isStored: false,
  });
  await later.save(new ProfileCapturer(here.userDataDir));
  expect(await here.leftovers()).toEqual([]);
  await rm(here.userDataDir, { recursive: true });
  expect(await here.open().bring(here.userDataDir)).toMatchObject({
    from: 'store',
    isStored: true,
  });
});

it('a new link that another machine has saved is restored in spite of the note', async () => {
  const here = await saved();
  const archives = here.open();
  await archives.bring(here.userDataDir);
  await archives.markUnlinked();
  await rm(here.userDataDir, { recursive: true });
  const there = await machine();
  there.profile.append();
  await there.open().save(await there.write());
  await writeFile(here.store.fileOf(session), await readFile(there.store.fileOf(session)));
  expect(await here.open().bring(here.userDataDir)).toMatchObject({ from: 'store' });
});

it('without having looked, any archive is that of the login that has ended', async () => {
  const here = await saved();
  await here.open().markUnlinked();
  await rm(here.userDataDir, { recursive: true });
  expect(await here.open().bring(here.userDataDir)).toMatchObject({ from: 'nowhere' });
});

it('removes, and waits until it is gone', async () => {
  const here = await saved();
  await here.open().markUnlinked();
  here.store.faults = { deletesLateMs: 300 };
  await here.open().remove();
  expect(await here.store.sessionExists({ session })).toBe(false);
  expect(await here.leftovers()).toEqual([]);
  // What is not there any more is no error, though stores may make one of it.
  await here.open().remove();

  await here.open().save(new ProfileCapturer(here.userDataDir));
  here.store.faults = { deletesLateMs: 10_000 };
  const impatient = here.open({ patience: { deleteMs: 200 } });
  expect(await rejection(impatient.remove(), 'STORE_UNREACHABLE')).toMatchObject({
    transient: true,
  });
  here.store.faults = { throws: 'delete' };
  await rejection(here.open().remove(), 'STORE_UNREACHABLE');
  here.store.faults = {};
  await here.open().remove();
});

it("leaves a user's file in the working directory alone", async () => {
  const warned = vi.spyOn(warnings, 'warn').mockImplementation(() => undefined);
  const here = await machine({ readsFrom: 'dataPath' });
  const theirs = join(here.cwd, `${session}.zip`);
  for (const content of ['my own backup', '']) {
    await writeFile(theirs, content);
    const archives = here.open();
    warned.mockClear();
    await archives.save(await here.write());
    await browse(here);
    await archives.save(new ProfileCapturer(here.userDataDir));
    expect(warned.mock.calls.map(([code]) => code)).toEqual(['ARCHIVE_IN_THE_WAY']);
    expect(await readFile(theirs, 'utf8')).toBe(content);
    await here.open().bring(here.userDataDir);
    expect(await readFile(theirs, 'utf8')).toBe(content);
  }
});

it("finds out when the store has saved a user's file instead", async () => {
  vi.spyOn(warnings, 'warn').mockImplementation(() => undefined);
  const here = await machine();
  await writeFile(join(here.cwd, `${session}.zip`), 'my own backup');
  const error = await rejection(here.open().save(await here.write()), 'DATA_PATH_UNUSABLE');
  expect(error.message).toContain(join(here.cwd, `${session}.zip`));
});

it('saves where the working directory cannot be written or is the data path', async () => {
  const warned = vi.spyOn(warnings, 'warn').mockImplementation(() => undefined);
  warned.mockClear();
  const here = await machine({ readsFrom: 'dataPath' });
  const cwd = join(here.cwd, 'removed');
  expect(await here.open({ cwd }).save(await here.write())).toMatchObject({ sequence: 1 });
  expect(await here.open({ cwd: here.dataPath }).save(await here.write())).toMatchObject({
    sequence: 1,
  });
  if (process.getuid?.() !== 0) {
    await chmod(here.cwd, 0o500);
    expect(await here.open().save(await here.write())).toMatchObject({ sequence: 1 });
    await chmod(here.cwd, 0o700);
  }
  expect(warned).not.toHaveBeenCalled();
  expect(await here.leftovers()).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('copies where a link cannot reach', async () => {
  const cwd = await mkdtemp('/dev/shm/holdfast-test-');
  onTestFinished(() => rm(cwd, { recursive: true }));
  const here = await machine({ cwd });
  let mode = 0;
  here.store.onSave = async (zipFile) => {
    mode = (await stat(zipFile)).mode;
  };
  expect(await here.open().save(await here.write())).toMatchObject({ sequence: 1 });
  expect(mode & 0o777).toBe(0o600);
  expect(await here.leftovers()).toEqual([]);
});

it('sweeps what a save that never came to its end has left', async () => {
  const here = await machine();
  const isSaving = new Promise<void>((resolve) => {
    here.store.onSave = () => new Promise(() => resolve());
  });
  here
    .open({ encryptionKey: KEY })
    .save(await here.write())
    .catch(() => undefined);
  await isSaving;
  expect(await here.leftovers()).toHaveLength(3);
  await here.open().bring(here.userDataDir);
  expect(await here.leftovers()).toEqual([]);
});

it('sweeps what a killed process left of this session, and nothing else', async () => {
  const here = await saved();
  const left = async (name: string, zipName: string, places: string[]) => {
    const folder = join(here.dataPath, name);
    await mkdir(join(folder, 'captured'), { recursive: true });
    await writeFile(join(folder, zipName), 'an archive');
    await writeFile(join(folder, 'places.json'), JSON.stringify(places));
    return join(folder, zipName);
  };
  const zipFile = `${session}.zip`;
  const inCwd = join(here.cwd, zipFile);
  const inData = join(here.dataPath, zipFile);
  const prefix = `.holdfast-archive-${session}`;
  const arrange = async () => {
    const archive = await left(`${prefix}.0123456789abcdef`, zipFile, [inData, inCwd]);
    await link(archive, inData);
    // Half of a copy.
    await writeFile(inCwd, 'an arch');
    await left(`${prefix}-b.0123456789abcdef`, `${session}-b.zip`, []);
  };
  const others = [`${prefix}-b.0123456789abcdef`];

  await arrange();
  await here.open().bring(here.userDataDir);
  expect(await here.leftovers()).toEqual(others);
  await arrange();
  await browse(here);
  await here.open().save(new ProfileCapturer(here.userDataDir));
  expect(await here.leftovers()).toEqual(others);
  await arrange();
  await here.open().remove();
  expect(await here.leftovers()).toEqual(others);

  // Not what lies there meanwhile by somebody else's doing.
  await arrange();
  await writeFile(inCwd, 'my own');
  await here.open().bring(here.userDataDir);
  expect(await here.leftovers()).toEqual([...others, zipFile]);
  expect(await readFile(inCwd, 'utf8')).toBe('my own');
});

it('refuses what is no session name or key', () => {
  const make = (options: Partial<ArchiveSessionOptions>) => () =>
    new ArchiveSession({ store: new MemoryStore(), session, dataPath: '.', ...options });
  expect(make({ session: '../x' })).toThrow('cannot name a session');
  expect(make({ encryptionKey: 'short' })).toThrow('encryption key');
});

it('holds always, unless nobody wants it any more', async () => {
  const here = await machine();
  const archives = here.open();
  expect(archives.isHeld).toBe(true);
  expect(archives.defaultIntervalMs).toBe(60_000);
  await archives.hold(new AbortController().signal);
  await expect(archives.hold(AbortSignal.abort())).rejects.toThrow();
  await archives.noteBrowser();
  await archives.release();
});
