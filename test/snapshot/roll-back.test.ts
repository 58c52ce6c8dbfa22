import { describe, expect, it } from 'vitest';
import { checkSession } from '../../src/snapshot/check-session.js';
import { headKey, packKey } from '../../src/snapshot/format.js';
import { joinWorker } from '../../src/snapshot/lease/join-worker.js';
import { takeSession } from '../../src/snapshot/lease/take-session.js';
import { openSession } from '../../src/snapshot/open-session.js';
import { removeSession } from '../../src/snapshot/remove-session.js';
import { repairSession } from '../../src/snapshot/repair-session.js';
import { rollBackSession } from '../../src/snapshot/roll-back.js';
import { KEY, openWriter, readSession, rejection, session } from './support/sessions.js';
import { smallProfile } from './support/test-profile.js';
import { contentsOf, packNames, WrappedStore } from './support/wrapped-store.js';

async function threeSaves() {
  const store = new WrappedStore();
  const profile = smallProfile();
  const writer = await openWriter(store);
  const digests: Map<string, string>[] = [];
  for (let save = 1; save <= 3; save++) {
    profile.append();
    profile.set('Default/File System/000/t/00/00000001', `content ${save}`);
    profile.setLocalStorage({ save: String(save) });
    await writer.save(profile.capture());
    digests.push(profile.digests());
  }
  const location = { store, session, encryptionKey: KEY };
  return { store, profile, writer, digests, location };
}

async function listed(location: Parameters<typeof openSession>[0]) {
  const { head } = await openSession(location);
  return { state: head.state, sequences: head.snapshots.map(({ sequence }) => sequence) };
}

async function damage(store: WrappedStore, pack: string): Promise<void> {
  const key = packKey(session, pack);
  const bytes = Buffer.from((await store.get(key)) ?? []);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await store.put(key, bytes);
}

describe('a roll-back', () => {
  it('makes an earlier snapshot the newest, writes no content, and takes nothing away', async () => {
    const { store, digests, location } = await threeSaves();
    const before = await contentsOf(store);
    store.take();
    const rolledBack = await rollBackSession({ ...location, snapshot: 1 });
    expect(rolledBack).toMatchObject({ sequence: 4, chunks: 0, from: { sequence: 1 } });
    expect(rolledBack.wasUnlinked).toBe(false);
    expect(store.take().filter(({ kind }) => kind === 'put')).toHaveLength(1);

    const snapshots = await readSession(store);
    expect(snapshots.map(({ info }) => info.sequence)).toEqual([4, 3, 2, 1]);
    expect(snapshots.map((each) => each.digests)).toEqual([
      digests[0],
      digests[2],
      digests[1],
      digests[0],
    ]);
    expect(snapshots[0]?.live?.localStorage[0]?.items).toEqual([['save', '1']]);
    const after = await contentsOf(store);
    for (const [key, bytes] of before)
      if (key !== headKey(session)) expect(after.get(key)).toEqual(bytes);
    const { snapshots: checked } = await checkSession({ ...location, deep: true });
    expect(checked.map(({ problem }) => problem)).toEqual([null, null, null, null]);
  });

  it('is undone by another one, found by a repair, and built on by the next save', async () => {
    const { store, profile, digests, location } = await threeSaves();
    await rollBackSession({ ...location, snapshot: 1 });
    await rollBackSession({ ...location, snapshot: 3 });
    expect((await readSession(store))[0]?.digests).toEqual(digests[2]);
    await rollBackSession({ ...location, snapshot: 2 });
    await store.delete([headKey(session)]);
    await repairSession(location);
    expect((await readSession(store))[0]?.digests).toEqual(digests[1]);

    profile.append();
    const next = await openWriter(store);
    expect(await next.save(profile.capture())).toMatchObject({ sequence: 7 });
    expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
  });

  it('is done by the writer that holds the session, which goes on saving then', async () => {
    const { store, profile, digests, location } = await threeSaves();
    const { worker, leave } = await joinWorker(store, 15_000);
    const writer = await takeSession({ ...location, worker, onLeaseHeld: 'fail' });
    await rejection(rollBackSession({ ...location, snapshot: 2 }), 'LEASE_HELD');
    const { generation } = writer;
    await writer.rollBack(2);
    // So that a folder that was used under the writer does not pass for newer.
    expect((await readSession(store))[0]?.info.generation).toBeGreaterThan(generation);
    expect((await readSession(store))[0]?.digests).toEqual(digests[1]);
    expect(writer.head.owner).toBe(worker.id);

    await writer.save(profile.capture());
    expect((await readSession(store))[0]?.digests).toEqual(digests[2]);
    await writer.release();
    await leave();
    expect((await listed(location)).sequences).toEqual([1, 2, 3, 4, 5]);
  });

  it('takes the session from the writer before', async () => {
    const { writer, profile, location } = await threeSaves();
    await rollBackSession({ ...location, snapshot: 1 });
    profile.append();
    await rejection(writer.save(profile.capture()), 'SESSION_TAKEN');
  });

  it('brings an unlinked session back to be tried, with all that is kept', async () => {
    const { writer, location } = await threeSaves();
    await writer.markUnlinked();
    const rolledBack = await rollBackSession({ ...location, snapshot: 2 });
    expect(rolledBack.wasUnlinked).toBe(true);
    expect(await listed(location)).toEqual({ state: 'linked', sequences: [1, 2, 3, 4] });
  });

  it('goes back behind a newest snapshot that is damaged, which is not kept', async () => {
    const { store, digests, location } = await threeSaves();
    await store.delete([packKey(session, '1-3-0')]);
    await rollBackSession({ ...location, snapshot: 2 });
    const snapshots = await readSession(store);
    expect(snapshots.map(({ info }) => info.sequence)).toEqual([4, 2, 1]);
    expect(snapshots[0]?.digests).toEqual(digests[1]);
  });
});

describe('a roll-back is refused, and the snapshots stay as they are,', () => {
  it('when that snapshot is damaged', async () => {
    const { store, location } = await threeSaves();
    await damage(store, '1-2-0');
    const packs = await packNames(store);
    await rejection(rollBackSession({ ...location, snapshot: 2 }), 'OBJECT_ALTERED');
    expect((await listed(location)).sequences).toEqual([1, 2, 3]);
    await store.delete([packKey(session, '1-2-0')]);
    await rejection(rollBackSession({ ...location, snapshot: 2 }), 'OBJECT_MISSING');
    expect((await listed(location)).sequences).toEqual([1, 2, 3]);
    expect(await packNames(store)).toEqual(packs.filter((pack) => pack !== '1-2-0'));
  });

  it('when there is no such snapshot or session, or nothing is left of it', async () => {
    const { store, location } = await threeSaves();
    const before = await contentsOf(store);
    const missing = rollBackSession({ ...location, snapshot: 9 });
    expect((await rejection(missing, 'SNAPSHOT_NOT_FOUND')).message).toContain('kept: 1, 2, 3');
    const other = { ...location, session: 'RemoteAuth-other', snapshot: 1 };
    await rejection(rollBackSession(other), 'SESSION_NOT_FOUND');
    await rejection(rollBackSession({ store, session, snapshot: 1 }), 'KEY_MISSING');
    expect(await contentsOf(store)).toEqual(before);
    await removeSession(store, session);
    await rejection(rollBackSession({ ...location, snapshot: 1 }), 'SESSION_LOGGED_OUT');
  });

  it.each(['fail', 'lost'] as const)(
    'whichever request does %s; repeated, it is done',
    async (fault) => {
      for (let at = 0, requests = 1; at < requests; at++) {
        const { store, writer, profile, digests } = await threeSaves();
        store.take();
        store.failAt(at, fault);
        const isDone = await writer.rollBack(1).then(
          () => true,
          () => false,
        );
        store.heal();
        requests = Math.max(requests, store.take().length);
        const newest = (await readSession(store))[0]?.digests;
        expect(isDone ? [digests[0]] : [digests[0], digests[2]]).toContainEqual(newest);
        await writer.rollBack(1);
        expect((await readSession(store))[0]?.digests).toEqual(digests[0]);
        profile.append();
        await writer.save(profile.capture());
        expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
      }
    },
  );
});
