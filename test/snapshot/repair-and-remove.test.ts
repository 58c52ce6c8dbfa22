import { describe, expect, it } from 'vitest';
import type { ListedObject } from '../../src/objects/object-store.js';
import { checkSession } from '../../src/snapshot/check-session.js';
import { headKey, keyKey, packKey } from '../../src/snapshot/format.js';
import { listSessions } from '../../src/snapshot/list-sessions.js';
import { openSession, readHead } from '../../src/snapshot/open-session.js';
import { removeSession } from '../../src/snapshot/remove-session.js';
import { repairSession } from '../../src/snapshot/repair-session.js';
import { KEY, openWriter, readSession, rejection, session } from './support/sessions.js';
import { smallProfile } from './support/test-profile.js';
import { contentsOf, packNames, WrappedStore } from './support/wrapped-store.js';

async function threeSaves(encryptionKey: Uint8Array | undefined = KEY) {
  const store = new WrappedStore();
  const profile = smallProfile();
  const writer = await openWriter(store, { encryptionKey });
  const digests: Map<string, string>[] = [];
  for (let save = 0; save < 3; save++) {
    profile.append();
    await writer.save(profile.capture());
    digests.push(profile.digests());
  }
  return { store, profile, writer, digests };
}

describe.each([
  ['sealed', KEY],
  ['without a key', undefined],
])('the repair of a session %s', (_how, encryptionKey) => {
  const key = encryptionKey ?? null;
  const saved = async () => {
    const { store, profile, writer, digests } = await threeSaves(KEY);
    if (encryptionKey) return { store, profile, writer, digests };
    const plain = new WrappedStore();
    const plainWriter = await openWriter(plain, { encryptionKey: undefined });
    const again = smallProfile();
    for (let save = 0; save < 3; save++) {
      again.append();
      await plainWriter.save(again.capture());
    }
    return { store: plain, profile: again, writer: plainWriter, digests };
  };

  it.each([
    ['lost', undefined],
    ['damaged', 'nonsense'],
    ['emptied', ''],
  ])('brings everything back when the head is %s, and saving goes on', async (_what, value) => {
    const { store, profile, writer, digests } = await saved();
    await store.delete([headKey(session)]);
    if (value !== undefined) await store.swapCell(headKey(session), Buffer.from(value), null);
    const code = value === undefined ? 'HEAD_LOST' : 'HEAD_DAMAGED';
    await rejection(readSession(store, key), code);
    await rejection(openWriter(store, { encryptionKey }), code);

    const repaired = await repairSession({ store, session, encryptionKey });
    expect(repaired.snapshots.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(repaired.unusable).toEqual([]);
    const found = await readSession(store, key);
    expect(found.map((each) => each.digests)).toEqual([...digests].reverse());

    profile.append();
    await rejection(writer.save(profile.capture()));
    const next = await openWriter(store, { encryptionKey });
    const before = await packNames(store);
    expect(await next.save(profile.capture())).toMatchObject({ sequence: 4 });
    expect((await readSession(store, key))[0]?.digests).toEqual(profile.digests());
    // A writer that was never told can write no pack of the same name.
    for (const name of await packNames(store)) {
      if (!before.includes(name)) expect(Number(name.split('-')[0])).toBeGreaterThan(100);
    }
  });

  it('takes the snapshots that are whole when packs are missing too', async () => {
    const { store, digests } = await saved();
    await store.delete([headKey(session), packKey(session, '1-3-0')]);
    const repaired = await repairSession({ store, session, encryptionKey });
    expect(repaired.snapshots.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect((await readSession(store, key))[0]?.digests).toEqual(digests[1]);
  });

  it('refuses when none is whole, and when the head is', async () => {
    const { store, digests } = await saved();
    const location = { store, session, encryptionKey };
    const before = await contentsOf(store);
    await rejection(repairSession(location), 'SESSION_EXISTS');
    expect(await contentsOf(store)).toEqual(before);
    expect((await readSession(store, key))[0]?.digests).toEqual(digests[2]);

    await store.delete([headKey(session), packKey(session, '1-1-0')]);
    const error = await rejection(repairSession(location), 'SNAPSHOT_NOT_FOUND');
    expect(error.message).toContain('1-1-0');
    expect(await store.readCell(headKey(session))).toBeNull();
    await rejection(repairSession({ ...location, session: 'RemoteAuth-b' }), 'SESSION_NOT_FOUND');
    await rejection(repairSession({ ...location, session: 'a/b' }), 'INVALID_CLIENT_ID');
  });

  it('goes back behind a newest snapshot whose list is damaged', async () => {
    const { store, digests } = await saved();
    const pack = Buffer.from((await store.get(packKey(session, '1-3-0'))) ?? []);
    pack.fill(0, pack.length - 60, pack.length - 40);
    await store.put(packKey(session, '1-3-0'), pack);
    const { snapshots, unusable } = await repairSession({ store, session, encryptionKey });
    expect(snapshots.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(unusable).toMatchObject([{ pack: '1-3-0', error: { code: 'OBJECT_ALTERED' } }]);
    expect((await readSession(store, key))[0]?.digests).toEqual(digests[1]);
  });

  it('works where the store counts bytes of its own into the sizes it lists', async () => {
    const { store, digests } = await saved();
    await store.delete([headKey(session)]);
    const { inner } = store;
    const list = inner.list.bind(inner);
    inner.list = async function* (prefix: string): AsyncIterable<ListedObject> {
      for await (const { key: name, size } of list(prefix)) yield { key: name, size: size + 17 };
    };
    await repairSession({ store, session, encryptionKey });
    expect((await readSession(store, key))[0]?.digests).toEqual(digests[2]);
  });
});

it('a repair needs the right key', async () => {
  const { store } = await threeSaves();
  await store.delete([headKey(session)]);
  await rejection(repairSession({ store, session }), 'KEY_MISSING');
  await rejection(repairSession({ store, session, encryptionKey: Buffer.alloc(32) }), 'KEY_WRONG');
  await store.delete([keyKey(session)]);
  await rejection(repairSession({ store, session, encryptionKey: KEY }), 'KEY_LOST');
  expect(await store.readCell(headKey(session))).toBeNull();
});

describe('a session that was removed', () => {
  it('leaves a tombstone without secrets, which nothing undoes but a new link', async () => {
    const { store, writer, profile } = await threeSaves();
    await removeSession(store, session);
    expect(await packNames(store)).toEqual([]);
    expect((await store.readCell(keyKey(session)))?.value).toEqual(new Uint8Array(0));
    await rejection(readSession(store), 'SESSION_LOGGED_OUT');
    await rejection(repairSession({ store, session, encryptionKey: KEY }), 'SESSION_LOGGED_OUT');
    expect(await listSessions(store)).toEqual([]);

    profile.append();
    await rejection(writer.save(profile.capture()), 'SESSION_TAKEN');
    await rejection(readSession(store), 'SESSION_LOGGED_OUT');

    const next = await openWriter(store);
    expect(await next.save(profile.capture())).toMatchObject({ generation: 3, sequence: 4 });
    expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
    // What the writer before put for nothing is swept.
    expect(await packNames(store)).toEqual(['3-4-0']);
  });

  it('gets a new data key: the old one opens nothing of the new link', async () => {
    const { store } = await threeSaves();
    const old = await openSession({ store, session, encryptionKey: KEY });
    await removeSession(store, session);
    await (await openWriter(store)).save(smallProfile().capture());
    const { head } = await openSession({ store, session, encryptionKey: KEY });
    const ref = head.snapshots[0]?.manifest;
    if (!ref) throw new Error('no snapshot');
    await rejection(old.reader.read(ref, 'manifest'), 'OBJECT_ALTERED');
  });

  it('at any request of the removal, a new link keeps all that it saves', async () => {
    for (let n = 0; ; n++) {
      const { store } = await threeSaves();
      const profile = smallProfile(20_000, 3);
      let isLinked = false;
      let requests = 0;
      store.fault = () => null;
      const link = async () => {
        isLinked = true;
        const writer = await openWriter(store).catch(() => null);
        await writer?.save(profile.capture());
        return writer !== null;
      };
      // The requests of the removal wait for the new link at the n-th of them.
      const { inner } = store;
      let hasSaved = false;
      const removing = new WrappedStore({
        get: (...args) => inner.get(...args),
        put: (...args) => inner.put(...args),
        list: async function* (prefix) {
          await maybeLink();
          yield* inner.list(prefix);
        },
        delete: async (keys) => {
          await maybeLink();
          return inner.delete(keys);
        },
        readCell: async (key) => {
          await maybeLink();
          return inner.readCell(key);
        },
        swapCell: async (...args) => {
          await maybeLink();
          return inner.swapCell(...args);
        },
      });
      async function maybeLink(): Promise<void> {
        if (requests++ === n && !isLinked) hasSaved = await link();
      }
      const outcome = await removeSession(removing, session).then(
        () => 'removed',
        (error) => error.code,
      );
      if (!isLinked) return;
      const found = await readSession(store).catch((error) => error.code);
      if (hasSaved && found !== 'SESSION_LOGGED_OUT') {
        expect(found[0]?.digests).toEqual(profile.digests());
      } else expect([outcome, found]).toEqual(['removed', 'SESSION_LOGGED_OUT']);
    }
  });

  it('is removed whatever of it is damaged, and what is not there is said', async () => {
    const { store } = await threeSaves();
    await store.delete([headKey(session), keyKey(session)]);
    await store.swapCell(keyKey(session), Buffer.from('nonsense'), null);
    await removeSession(store, session);
    expect(await packNames(store)).toEqual([]);
    await (await openWriter(store)).save(smallProfile().capture());
    await store.delete([headKey(session)]);
    await store.swapCell(headKey(session), Buffer.from('nonsense'), null);
    await removeSession(store, session);
    await rejection(readSession(store), 'SESSION_LOGGED_OUT');
    await rejection(removeSession(store, 'RemoteAuth-none'), 'SESSION_NOT_FOUND');
  });

  it('also when only its key is left, of a first save that failed with a key that is lost', async () => {
    const store = new WrappedStore();
    store.fault = ({ kind, key }) =>
      kind === 'swapCell' && key.startsWith('heads/') ? 'fail' : null;
    await rejection(openWriter(store), 'STORE_UNREACHABLE');
    store.heal();
    const encryptionKey = Buffer.alloc(32, 1);
    await rejection(openWriter(store, { encryptionKey }), 'KEY_WRONG');
    await removeSession(store, session);
    await (await openWriter(store, { encryptionKey })).save(smallProfile().capture());
    expect(await readSession(store, encryptionKey)).toHaveLength(1);
  });

  it('that fails at any request is completed by the next try', async () => {
    for (let n = 0; ; n++) {
      const { store } = await threeSaves();
      store.take();
      store.failAt(n, n % 2 ? 'lost' : 'fail');
      const error = await removeSession(store, session).catch((reason) => reason);
      store.heal();
      if (error === undefined && store.take().length <= n) return;
      await removeSession(store, session);
      expect(await packNames(store)).toEqual([]);
      expect((await store.readCell(keyKey(session)))?.value.length ?? 0).toBe(0);
      await rejection(readSession(store), 'SESSION_LOGGED_OUT');
    }
  });
});

describe('a check', () => {
  const location = (store: WrappedStore) => ({ store, session, encryptionKey: KEY });

  it('finds everything whole, and counts what is not needed', async () => {
    const { store } = await threeSaves();
    await store.put(packKey(session, '1-9-0'), new Uint8Array(123));
    for (const deep of [false, true]) {
      const checked = await checkSession({ ...location(store), deep });
      expect(checked.snapshots.map(({ sequence, problem }) => [sequence, problem])).toEqual([
        [3, null],
        [2, null],
        [1, null],
      ]);
      expect(checked.unneededBytes).toBe(123);
    }
  });

  it('finds missing and short packs without reading them, and altered ones when it is deep', async () => {
    const { store } = await threeSaves();
    const first = Buffer.from((await store.get(packKey(session, '1-1-0'))) ?? []);
    first[500] = (first[500] ?? 0) ^ 1;
    await store.put(packKey(session, '1-1-0'), first);
    const problems = async (deep: boolean) => {
      const { snapshots } = await checkSession({ ...location(store), deep });
      return snapshots.map(({ problem }) => problem?.code);
    };
    expect(await problems(false)).toEqual([undefined, undefined, undefined]);
    expect(await problems(true)).toEqual(Array(3).fill('OBJECT_ALTERED'));
    await store.delete([packKey(session, '1-3-0')]);
    expect(await problems(false)).toEqual(['OBJECT_MISSING', undefined, undefined]);
    await store.put(packKey(session, '1-1-0'), first.subarray(0, 600));
    expect(await problems(false)).toEqual([
      'OBJECT_MISSING',
      'OBJECT_TRUNCATED',
      'OBJECT_TRUNCATED',
    ]);
  });

  it('does not take for damage what a running writer removes meanwhile', async () => {
    const store = new WrappedStore();
    const profile = smallProfile();
    const writer = await openWriter(store, { retention: { snapshots: 1 } });
    await writer.save(profile.capture());
    let isBetween = false;
    store.fault = ({ kind }) => {
      isBetween ||= kind === 'list';
      return null;
    };
    const { inner } = store;
    const list = inner.list.bind(inner);
    inner.list = async function* (prefix: string) {
      await writer.save(smallProfile(20_000, 5).capture());
      await store.delete([packKey(session, '1-1-0')]);
      yield* list(prefix);
    };
    const { snapshots } = await checkSession(location(store));
    expect(isBetween).toBe(true);
    expect(snapshots).toEqual([]);
  });

  it('says so when it has nowhere to restore to', async () => {
    const { store } = await threeSaves();
    const temporaryDir = '/nowhere/at/all';
    await rejection(
      checkSession({ ...location(store), deep: true, temporaryDir }),
      'DATA_PATH_UNUSABLE',
    );
  });
});

it('a list names all sessions, those with a damaged head too', async () => {
  const { store } = await threeSaves();
  for (const name of ['RemoteAuth', 'RemoteAuth-b', 'RemoteAuth-c']) {
    await (await openWriter(store, { session: name })).save(smallProfile().capture());
  }
  await removeSession(store, 'RemoteAuth-c');
  await store.delete([headKey('RemoteAuth-b')]);
  await store.swapCell(headKey('RemoteAuth-b'), Buffer.from('nonsense'), null);
  await store.delete([headKey('RemoteAuth')]);
  const found = await listSessions(store, { alsoWithoutHead: true });
  expect(found.map((each) => [each.session, each.problem?.code])).toEqual([
    ['RemoteAuth', 'HEAD_LOST'],
    ['RemoteAuth-b', 'HEAD_DAMAGED'],
    ['RemoteAuth-test', undefined],
  ]);
  expect(found[2]?.head).toMatchObject({ sequence: 3, isSealed: true, state: 'linked' });
  expect((await readHead(store, session))?.decoded.head).toEqual(found[2]?.head);
});
