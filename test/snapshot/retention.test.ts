import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SnapshotInfo } from '../../src/snapshot/head.js';
import { openSession } from '../../src/snapshot/open-session.js';
import { mostPacks } from '../../src/snapshot/retention.js';
import {
  KEY,
  openWriter,
  readSession,
  readSnapshot,
  rejection,
  session,
} from './support/sessions.js';
import { BLOBS, mulberry32, smallProfile, TestProfile } from './support/test-profile.js';
import { packBytes, WrappedStore } from './support/wrapped-store.js';

const MB = 1_000_000;
const MINUTE = 60_000;

/** The manifest, its base, and what came since the last time that packs were merged. */
const PACKS_BESIDE = 3;

describe('1,000 saves of a profile that a browser works on', () => {
  it('leave at most 2.2 times the profile, in few packs, and all that is kept is right', async () => {
    const store = new WrappedStore();
    const random = mulberry32(7);
    const profile = new TestProfile(7);
    profile.compact(0, Array(10).fill(MB));
    const digests = new Map<number, Map<string, string>>();
    const writer = await openWriter(store);
    let mostStored = 0;
    let mostRead = 0;
    let deletes = 0;
    for (let save = 1; save <= 1000; save++) {
      profile.append(undefined, 200 + Math.floor(random() * 3000));
      if (save % 10 === 0) profile.compact(1, [MB / 2 + Math.floor(random() * MB)]);
      if (save % 4 === 0) profile.setLocalStorage({ time: String(save), key: 'x'.repeat(2000) });
      store.take();
      await writer.save(profile.capture());
      if (store.takeKinds().includes('delete')) deletes++;
      digests.set(save, profile.digests());
      mostStored = Math.max(mostStored, (await packBytes(store)) / profile.size);
      if (save % 50 !== 0) continue;

      const { head, reader } = await openSession({ store, session, encryptionKey: KEY });
      const newest = head.snapshots.at(-1);
      const any = head.snapshots[Math.floor(random() * head.snapshots.length)];
      for (const info of save % 500 === 0 ? head.snapshots : [newest, any]) {
        if (!info) throw new Error('nothing is kept');
        const found = await readSnapshot(info, reader);
        expect(found.digests).toEqual(digests.get(info.sequence));
        mostRead = Math.max(mostRead, found.packs.size / (mostPacks(info.size) + PACKS_BESIDE));
      }
    }
    expect(mostStored).toBeLessThan(2.2);
    expect(mostRead).toBeLessThanOrEqual(1);
    // Else a save would mostly be three requests.
    expect(deletes).toBeLessThan(300);
  });

  it('that each add a file which stays are in few packs, too', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    const writer = await openWriter(store);
    for (let save = 0; save < 300; save++) {
      profile.set(`${BLOBS}/1/00/${save}`, profile.randomBytes(20 + save), 'fixed');
      await writer.save(profile.capture());
    }
    const [newest] = await readSession(store);
    expect(newest?.digests).toEqual(profile.digests());
    expect(newest?.packs.size).toBeLessThanOrEqual(mostPacks(profile.size) + PACKS_BESIDE);
  });

  it('and a writer that is opened anew now and then does no worse', async () => {
    const store = new WrappedStore();
    const profile = new TestProfile(8);
    profile.compact(0, Array(10).fill(MB));
    for (let save = 1; save <= 60; save++) {
      const writer = await openWriter(store);
      profile.append(undefined, 3000);
      profile.compact(1, [MB]);
      await writer.save(profile.capture());
      expect(await packBytes(store)).toBeLessThan(2.2 * profile.size);
    }
    expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
  });

  it('keep the snapshot before even when the whole profile is replaced at once', async () => {
    const store = new WrappedStore();
    const writer = await openWriter(store);
    const digests: Map<string, string>[] = [];
    for (let save = 0; save < 4; save++) {
      const profile = new TestProfile(save + 20);
      profile.compact(0, Array(12).fill(MB));
      await writer.save(profile.capture());
      digests.unshift(profile.digests());
    }
    const kept = await readSession(store);
    expect(kept.map((each) => each.digests)).toEqual(digests.slice(0, 2));
  });
});

describe('what is kept of the past', () => {
  afterEach(() => vi.useRealTimers());

  it('is spread over time: seconds, minutes, hours and days', async () => {
    const start = Date.UTC(2026, 0, 1);
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    const store = new WrappedStore();
    const profile = smallProfile();
    const writer = await openWriter(store);
    const saves = 3 * 24 * 30;
    for (let save = 1; save <= saves; save++) {
      vi.setSystemTime(start + save * 2 * MINUTE);
      profile.append(undefined, 10);
      await writer.save(profile.capture());
    }
    const { head } = await openSession({ store, session, encryptionKey: KEY });
    const now = start + saves * 2 * MINUTE;
    const ages = head.snapshots
      .map(({ savedAt }) => (now - Date.parse(savedAt)) / MINUTE)
      .reverse();
    expect(ages).toHaveLength(10);
    // The newest three, for one that does not open.
    expect(ages.slice(0, 3)).toEqual([0, 2, 4]);
    // The very first one is kept as long as it can be.
    expect(ages.at(-1)).toBe(saves * 2 - 2);
    // In between none is missed for long: each is at most a few times as old as the one before it.
    for (let at = 3; at < ages.length; at++) {
      expect((ages[at] ?? 0) / (ages[at - 1] ?? 1)).toBeLessThan(7);
    }
    expect(ages.filter((age) => age > 60 && age < 24 * 60).length).toBeGreaterThanOrEqual(2);
  });

  it('is as many as asked for', async () => {
    for (const snapshots of [1, 2, 4, 30]) {
      const store = new WrappedStore();
      const profile = smallProfile();
      const writer = await openWriter(store, { retention: { snapshots } });
      for (let save = 0; save < 35; save++) {
        profile.append(undefined, 10);
        await writer.save(profile.capture());
      }
      const { head } = await openSession({ store, session, encryptionKey: KEY });
      expect(head.snapshots).toHaveLength(snapshots);
      expect(head.snapshots.at(-1)?.sequence).toBe(35);
    }
    for (const retention of [{ snapshots: 0 }, { snapshots: 101 }, { budget: 0.5 }]) {
      await rejection(openWriter(new WrappedStore(), { retention }), 'INVALID_OPTION');
    }
  });
});

it('a chunk in the store that was damaged does not fail saves, and is sent anew in time', async () => {
  const store = new WrappedStore();
  const profile = smallProfile();
  const cached = (file: number) => `Default/Service Worker/CacheStorage/a/${file}_0`;
  const writer = await openWriter(store);
  profile.set(cached(0), profile.randomBytes(100), 'fixed');
  await writer.save(profile.capture());
  // The smallest packs are merged once there are many: this one, when its chunk does not open.
  profile.set(cached(1), profile.randomBytes(1), 'fixed');
  await writer.save(profile.capture());
  const pack = `packs/${session}/1-2-0`;
  const bytes = Buffer.from((await store.get(pack)) ?? []);
  await store.put(pack, bytes.fill(0, 16, 60));
  for (let save = 2; save < 80; save++) {
    profile.set(cached(save), profile.randomBytes(50), 'fixed');
    await writer.save(profile.capture());
  }
  const { head, reader } = await openSession({ store, session, encryptionKey: KEY });
  const newest = await readSnapshot(head.snapshots.at(-1) as SnapshotInfo, reader);
  expect(newest.digests).toEqual(profile.digests());
});
