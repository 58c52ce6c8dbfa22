import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/errors.js';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import { headKey, keyKey, packKey } from '../../src/snapshot/format.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import {
  expectProfile,
  KEY,
  openWriter,
  readSession,
  rejection,
  session,
} from './support/sessions.js';
import { smallProfile, type TestProfile } from './support/test-profile.js';
import { contentsOf, storeOf } from './support/wrapped-store.js';

const OTHER = 'RemoteAuth-other';

async function threeSaves(isSealed: boolean) {
  const store = new MemoryObjects();
  const encryptionKey = isSealed ? KEY : undefined;
  const profiles: TestProfile[] = [];
  for (const name of [session, OTHER]) {
    const writer = await openWriter(store, { session: name, encryptionKey });
    for (let save = 0; save < 3; save++) {
      const profile = smallProfile();
      for (let write = 0; write < save; write++) profile.append();
      await writer.save(profile.capture());
      if (name === session) profiles.push(profile);
    }
  }
  return { contents: await contentsOf(store), profiles, encryptionKey };
}

const pack = (name: string) => packKey(session, name);
type Contents = Map<string, Uint8Array>;

/** What is done to the objects, and how the newest snapshot is refused then. */
const FAULTS: [string, (contents: Contents) => void, ErrorCode][] = [
  ['missing', (contents) => contents.delete(pack('1-3-0')), 'OBJECT_MISSING'],
  ['empty', (contents) => contents.set(pack('1-3-0'), new Uint8Array(0)), 'OBJECT_TRUNCATED'],
  [
    'cut off in its header',
    (contents) => contents.set(pack('1-3-0'), bytesOf(contents, '1-3-0').slice(0, 9)),
    'OBJECT_TRUNCATED',
  ],
  [
    'cut off in its manifest',
    (contents) => contents.set(pack('1-3-0'), bytesOf(contents, '1-3-0').slice(0, -40)),
    'OBJECT_TRUNCATED',
  ],
  [
    'altered in a chunk',
    (contents) => contents.set(pack('1-3-0'), flipped(bytesOf(contents, '1-3-0'), 40)),
    'OBJECT_ALTERED',
  ],
  [
    'altered in its manifest',
    (contents) => contents.set(pack('1-3-0'), flipped(bytesOf(contents, '1-3-0'), -60)),
    'OBJECT_ALTERED',
  ],
  [
    'all zeros',
    (contents) => contents.set(pack('1-3-0'), bytesOf(contents, '1-3-0').fill(0)),
    'OBJECT_ALTERED',
  ],
  [
    'swapped with another one of the session, that is longer',
    (contents) => {
      const [third, first] = [bytesOf(contents, '1-3-0'), bytesOf(contents, '1-1-0')];
      contents.set(pack('1-3-0'), first).set(pack('1-2-0'), third);
    },
    'OBJECT_MISPLACED',
  ],
  [
    'another session’s of the same name',
    (contents) => {
      const other = contents.get(packKey(OTHER, '1-1-0')) ?? new Uint8Array(0);
      contents.set(pack('1-3-0'), other);
    },
    'OBJECT_MISPLACED',
  ],
];

for (const isSealed of [true, false]) {
  describe(isSealed ? 'in a sealed session' : 'in a session without a key', () => {
    it.each(FAULTS)(
      'a pack that is %s: the snapshot before is opened, and said',
      async (...args) => {
        const [, change, code] = args;
        const { contents, profiles, encryptionKey } = await threeSaves(isSealed);
        change(contents);
        const store = await storeOf(contents);
        const folder = await temporaryFolder();
        const options = { store, session, encryptionKey, targetDir: join(folder, 'profile') };
        await rejection(restoreSession({ ...options, snapshot: 3 }), code);

        const restored = await restoreSession(options);
        expect(restored.skipped[0]).toMatchObject({ sequence: 3, error: { code } });
        expect(restored.sequence).toBe(3 - restored.skipped.length);
        await expectProfile(options.targetDir, profiles[restored.sequence - 1] as TestProfile);
      },
    );

    it('nothing is opened when no snapshot is whole', async () => {
      const { contents, encryptionKey } = await threeSaves(isSealed);
      const store = await storeOf(contents);
      await store.delete([pack('1-1-0')]);
      const targetDir = join(await temporaryFolder(), 'profile');
      const error = await rejection(
        restoreSession({ store, session, encryptionKey, targetDir }),
        'OBJECT_MISSING',
      );
      expect(error.message).toContain(pack('1-1-0'));
    });

    it('a head or a key of another session is refused', async () => {
      const { contents, encryptionKey } = await threeSaves(isSealed);
      const key = encryptionKey ?? null;
      const head = contents.get(headKey(OTHER)) ?? new Uint8Array(0);
      const withHead = new Map(contents).set(headKey(session), head);
      await rejection(readSession(await storeOf(withHead), key), 'HEAD_DAMAGED');
      if (!isSealed) return;
      const withKey = new Map(contents);
      withKey.set(keyKey(session), contents.get(keyKey(OTHER)) ?? new Uint8Array(0));
      await rejection(readSession(await storeOf(withKey), key), 'KEY_DAMAGED');
    });

    it('a head that is damaged anywhere is refused', async () => {
      const { contents, encryptionKey } = await threeSaves(isSealed);
      const head = contents.get(headKey(session)) ?? new Uint8Array(0);
      for (let at = 0; at < head.length; at += 7) {
        const damaged = new Map(contents).set(headKey(session), flipped(head, at));
        const error = await rejection(readSession(await storeOf(damaged), encryptionKey ?? null));
        expect(['HEAD_DAMAGED', 'FORMAT_UNSUPPORTED']).toContain(error.code);
      }
    });
  });
}

it('a session that somebody put in the place of a sealed one is not opened with the key', async () => {
  const { contents } = await threeSaves(true);
  const forged = new MemoryObjects();
  const writer = await openWriter(forged, { encryptionKey: undefined });
  await writer.save(smallProfile(20_000, 6).capture());
  for (const [key, bytes] of await contentsOf(forged)) contents.set(key, bytes);
  await rejection(readSession(await storeOf(contents)), 'SESSION_NOT_SEALED');
  await rejection(openWriter(await storeOf(contents)), 'SESSION_NOT_SEALED');
});

describe('a writer', () => {
  it.each([
    ['all lists', '1-1-0', []],
    ['only content', '1-2-0', [1]],
  ])('sends anew what is missing instead of building on it (%s)', async (_what, name, whole) => {
    const store = new MemoryObjects();
    const profile = smallProfile();
    const first = await openWriter(store);
    for (let save = 0; save < 3; save++) {
      profile.append();
      await first.save(profile.capture());
    }
    await store.delete([pack(name)]);
    const writer = await openWriter(store);
    expect(await writer.save(profile.capture())).toMatchObject({ sequence: 4 });
    const [newest, ...before] = await readSession(store);
    expect(newest?.digests).toEqual(profile.digests());
    expect(before.map(({ info }) => info.sequence)).toEqual(whole);
  });

  it('replaces a newest snapshot that is damaged, also when it says what the one before says', async () => {
    const { contents, profiles } = await threeSaves(true);
    contents.set(pack('1-3-0'), flipped(bytesOf(contents, '1-3-0'), -60));
    const store = await storeOf(contents);
    const before = profiles[1] as TestProfile;
    const writer = await openWriter(store);
    expect(await writer.save(before.capture())).toMatchObject({ sequence: 4 });
    const targetDir = join(await temporaryFolder(), 'profile');
    const restored = await restoreSession({ store, session, encryptionKey: KEY, targetDir });
    expect(restored).toMatchObject({ sequence: 4, skipped: [] });
    await expectProfile(targetDir, before);
  });
});

function bytesOf(contents: Contents, name: string): Uint8Array {
  return Uint8Array.from(contents.get(pack(name)) ?? []);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}
