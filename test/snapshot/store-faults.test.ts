import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HoldfastError } from '../../src/errors.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import { expectProfile, KEY, openWriter, readSession, session } from './support/sessions.js';
import { smallProfile, type TestProfile } from './support/test-profile.js';
import { packNames, WrappedStore } from './support/wrapped-store.js';

const RETENTION = { retention: { snapshots: 2 } };

/** A session with two saves, so that a third one also deletes. */
async function twoSaves(): Promise<{ store: WrappedStore; profile: TestProfile }> {
  const store = new WrappedStore();
  const profile = smallProfile();
  const writer = await openWriter(store, RETENTION);
  await writer.save(profile.capture());
  profile.compact(1, [3000]);
  await writer.save(profile.capture());
  return { store, profile };
}

/** Runs `work` for each request that it makes; it says how many it made. Returns that. */
async function atEachRequest(work: (n: number) => Promise<number>): Promise<number> {
  for (let n = 0; ; n++) if ((await work(n)) <= n) return n;
}

for (const fault of ['fail', 'lost'] as const) {
  for (const andLater of [false, true]) {
    const how = `${fault === 'lost' ? 'whose answer is lost' : 'that fails'}${andLater ? ', and all after it' : ''}`;

    it(`opening and saving survives any request ${how}`, async () => {
      const requests = await atEachRequest(async (n) => {
        const { store, profile } = await twoSaves();
        const before = profile.digests();
        store.take();
        store.failAt(n, fault, andLater);
        const writer = await openWriter(store, RETENTION).catch(expectUnreachable);
        profile.compact(1, [3000]);
        const wanted = profile.digests();
        const saved = await writer?.save(profile.capture()).catch(expectUnreachable);
        store.heal();
        const made = store.take().length;

        // What was there before still is, or what was saved.
        const [newest] = await readSession(store);
        const allowed = saved ? [wanted] : [before, wanted];
        expect(allowed).toContainEqual(newest?.digests);

        // The same writer goes on, if there is one, and another one can.
        profile.append();
        if (writer) {
          await writer.save(profile.capture());
          expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
        }
        const next = await openWriter(store, RETENTION);
        profile.append();
        await next.save(profile.capture());
        const snapshots = await readSession(store);
        expect(snapshots[0]?.digests).toEqual(profile.digests());
        await openWriter(store, RETENTION);
        const needed = new Set(snapshots.flatMap(({ packs }) => [...packs]));
        expect(new Set(await packNames(store))).toEqual(needed);
        return made;
      });
      // The head, the key, the list, manifests, a sweep, a pack, the head again, what is deleted.
      expect(requests).toBeGreaterThanOrEqual(andLater && fault === 'fail' ? 6 : 8);
    });
  }
}

it('the first save of a new session survives any request that fails', async () => {
  const profile = smallProfile();
  await atEachRequest(async (n) => {
    const store = new WrappedStore();
    store.failAt(n, 'lost');
    const writer = await openWriter(store).catch(expectUnreachable);
    await writer?.save(profile.capture()).catch(expectUnreachable);
    store.heal();
    const made = store.take().length;
    const next = await openWriter(store);
    await next.save(profile.capture());
    expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
    return made;
  });
});

it('a restore that fails at any request says so, changes nothing, and goes on the next time', async () => {
  const folder = await temporaryFolder();
  const { store, profile } = await twoSaves();
  const old = smallProfile(20_000, 9);
  let unaided = 0;
  for (let n = 0; ; n++) {
    const targetDir = join(folder, 'profile');
    await rm(targetDir, { recursive: true, force: true });
    await rm(`${targetDir}.holdfast-restoring`, { recursive: true, force: true });
    await old.writeTo(targetDir);
    store.take();
    store.failAt(n, 'fail', true);
    const options = { store, session, encryptionKey: KEY, targetDir, overwrite: true };
    const restored = await restoreSession(options).catch(expectUnreachable);
    store.heal();
    if (restored) {
      unaided = restored.bytesFetched;
      await expectProfile(targetDir, profile);
      expect(n).toBeGreaterThan(4);
      break;
    }
    await expectProfile(targetDir, old);
    const again = await restoreSession(options);
    await expectProfile(targetDir, profile);
    expect(again.skipped).toEqual([]);
  }
  expect(unaided).toBeGreaterThan(0);
});

function expectUnreachable(error: unknown): null {
  expect(error).toBeInstanceOf(HoldfastError);
  expect((error as HoldfastError).code).toBe('STORE_UNREACHABLE');
  return null;
}
