import { describe, expect, it } from 'vitest';
import { headKey, packKey } from '../../src/snapshot/format.js';
import { openSession } from '../../src/snapshot/open-session.js';
import { KEY, openWriter, readSession, rejection, session } from './support/sessions.js';
import { smallProfile } from './support/test-profile.js';
import { packNames, WrappedStore } from './support/wrapped-store.js';

describe('two writers', () => {
  it('the first one’s next save fails, changes nothing and deletes nothing', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    const first = await openWriter(store);
    await first.save(profile.capture());
    const second = await openWriter(store);
    profile.append();
    await second.save(profile.capture());
    const before = await readSession(store);

    const stale = smallProfile(20_000, 2);
    store.take();
    await rejection(first.save(stale.capture()), 'SESSION_TAKEN');
    await rejection(first.save(stale.capture()), 'SESSION_TAKEN');
    expect(store.takeKinds()).not.toContain('delete');
    expect(await readSession(store)).toEqual(before);

    profile.append();
    expect(await second.save(profile.capture())).toMatchObject({ generation: 2 });
  });

  it('that open a new session at once: one wins, or both in turn; no pack name comes twice', async () => {
    for (const encryptionKey of [KEY, undefined]) {
      const store = new WrappedStore();
      const opened = await Promise.allSettled([
        openWriter(store, { encryptionKey }),
        openWriter(store, { encryptionKey }),
        openWriter(store, { encryptionKey }),
      ]);
      const writers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(writers.length).toBeGreaterThan(0);
      for (const each of opened) {
        if (each.status === 'rejected') expect(each.reason.code).toBe('SESSION_TAKEN');
      }
      store.take();
      const saves = await Promise.allSettled(
        writers.map((writer, seed) => writer.save(smallProfile(20_000, seed).capture())),
      );
      expect(saves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const puts = store.take().filter(({ kind }) => kind === 'put');
      expect(new Set(puts.map(({ key }) => key)).size).toBe(puts.length);
      expect(await readSession(store, encryptionKey ?? null)).toHaveLength(1);
    }
  });

  it('leave orphans, which the next one that opens sweeps; those of higher generations never', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    const writer = await openWriter(store);
    await writer.save(profile.capture());
    // As if writers had died between a pack and its head.
    for (const pack of ['1-9-0', '2-9-0', '3-9-0']) {
      await store.put(packKey(session, pack), Buffer.from('orphan'));
    }
    await openWriter(store);
    expect(await packNames(store)).toEqual(['1-1-0', '2-9-0', '3-9-0']);
    await openWriter(store);
    expect(await packNames(store)).toEqual(['1-1-0', '3-9-0']);
    expect(await readSession(store)).toHaveLength(1);
  });

  it('a sweep that fails keeps nobody from working, and is made up for', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    await (await openWriter(store)).save(profile.capture());
    await store.put(packKey(session, '1-9-0'), Buffer.from('orphan'));
    store.fault = ({ kind }) => (kind === 'delete' ? 'fail' : null);
    const writer = await openWriter(store);
    store.heal();
    profile.append();
    await writer.save(profile.capture());
    expect(await packNames(store)).toEqual(['1-1-0', '2-2-0']);
  });
});

describe('a head whose answer was lost', () => {
  const begun = async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    const writer = await openWriter(store);
    await writer.save(profile.capture());
    profile.append();
    return { store, profile, writer };
  };

  it('counts when the swap has happened', async () => {
    const { store, profile, writer } = await begun();
    store.fault = ({ kind }) => (kind === 'swapCell' ? 'lost' : null);
    expect(await writer.save(profile.capture())).toMatchObject({ sequence: 2 });
    store.heal();
    expect(await writer.save(profile.capture())).toBeNull();
    expect((await readSession(store)).map(({ info }) => info.sequence)).toEqual([2, 1]);
  });

  it('is an error when it has not, and the next save makes up for it', async () => {
    const { store, profile, writer } = await begun();
    store.fault = ({ kind }) => (kind === 'swapCell' ? 'fail' : null);
    await rejection(writer.save(profile.capture()), 'STORE_UNREACHABLE');
    store.heal();
    expect(await readSession(store)).toHaveLength(1);
    await writer.save(profile.capture());
    const [newest, before, ...more] = await readSession(store);
    expect(newest?.digests).toEqual(profile.digests());
    expect([before?.info.sequence, more]).toEqual([1, []]);
    // The packs of the failed one go with the next that opens, if not before.
    await openWriter(store);
    expect(await packNames(store)).toEqual(['1-1-0', '1-3-0']);
  });

  it.each(['lost', 'fail'] as const)(
    'is found out later when the store is away for longer (the swap: %s)',
    async (fault) => {
      const { store, profile, writer } = await begun();
      store.fault = ({ kind }) =>
        kind === 'swapCell' ? fault : kind === 'readCell' ? 'fail' : null;
      await rejection(writer.save(profile.capture()), 'STORE_UNREACHABLE');
      const committed = profile.digests();
      profile.append();
      await rejection(writer.save(profile.capture()), 'STORE_UNREACHABLE');
      store.heal();
      await writer.save(profile.capture());
      expect(await writer.save(profile.capture())).toBeNull();
      const snapshots = await readSession(store);
      expect(snapshots[0]?.digests).toEqual(profile.digests());
      expect(snapshots).toHaveLength(fault === 'lost' ? 3 : 2);
      if (fault === 'lost') expect(snapshots[1]?.digests).toEqual(committed);
    },
  );

  it('and that arrives after it was given up is known again', async () => {
    const { store, profile, writer } = await begun();
    const late: (() => Promise<unknown>)[] = [];
    const { inner } = store;
    const swap = inner.swapCell.bind(inner);
    inner.swapCell = async (...args) => {
      late.push(() => swap(...args));
      throw (await rejection(Promise.reject(await failure(store)))) as Error;
    };
    await rejection(writer.save(profile.capture()), 'STORE_UNREACHABLE');
    inner.swapCell = swap;
    await late[0]?.();
    // A reader may well see it.
    expect(await readSession(store)).toHaveLength(2);

    profile.append();
    await writer.save(profile.capture());
    expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
  });

  it('by another writer meanwhile is SESSION_TAKEN', async () => {
    const { store, profile, writer } = await begun();
    store.fault = ({ kind }) => (kind === 'swapCell' || kind === 'readCell' ? 'fail' : null);
    await rejection(writer.save(profile.capture()), 'STORE_UNREACHABLE');
    store.heal();
    await openWriter(store);
    await rejection(writer.save(profile.capture()), 'SESSION_TAKEN');
  });
});

it('a head that is gone is told from one that was taken', async () => {
  const store = new WrappedStore();
  const profile = smallProfile();
  const writer = await openWriter(store);
  await writer.save(profile.capture());
  await store.delete([headKey(session)]);
  profile.append();
  await rejection(writer.save(profile.capture()), 'HEAD_LOST');
  await rejection(openSession({ store, session, encryptionKey: KEY }), 'HEAD_LOST');
  await rejection(openWriter(store), 'HEAD_LOST');
});

/** The error of a store that cannot be reached. */
async function failure(store: WrappedStore): Promise<unknown> {
  store.failAt(0);
  return store.readCell('x').then(
    () => null,
    (error: unknown) => {
      store.heal();
      return error;
    },
  );
}
