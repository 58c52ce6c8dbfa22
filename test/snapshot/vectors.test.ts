import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import type { LiveValues } from '../../src/profile/live-values.js';
import { headKey, keyKey, packKey } from '../../src/snapshot/format.js';
import { encodeHead } from '../../src/snapshot/head.js';
import { openSession } from '../../src/snapshot/open-session.js';
import { PackWriter } from '../../src/snapshot/pack-writer.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import {
  digestsIn,
  KEY,
  openWriter,
  readSession,
  rejection,
  session,
  withoutLocalStorage,
} from './support/sessions.js';
import { digestOf, smallProfile } from './support/test-profile.js';
import { contentsOf, storeOf } from './support/wrapped-store.js';

/** A store as version 1 of the format has it, and what is in it. All bytes are base64. */
interface Vector {
  session: string;
  /** Null: not sealed. */
  encryptionKey: string | null;
  store: Record<string, string>;
  /** Newest first. */
  snapshots: {
    generation: number;
    sequence: number;
    files: Record<string, string>;
    live: LiveValues | null;
  }[];
}

const FOLDER = join(import.meta.dirname, 'vectors');
const VECTORS: [string, string | null][] = [
  ['sealed', KEY.toString('base64')],
  ['passphrase', 'correct horse battery staple'],
  ['not-sealed', null],
];

/**
 * That an old store still opens is what they are for: they are written once for each version of the
 * format, by `HOLDFAST_WRITE_VECTORS=1 npx vitest run test/snapshot/vectors.test.ts`.
 */
describe.each(VECTORS)('the vector %s', (name, encryptionKey) => {
  if (process.env.HOLDFAST_WRITE_VECTORS) {
    it('is written', async () => {
      await mkdir(FOLDER, { recursive: true });
      const vector = await createVector(encryptionKey);
      await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(vector, null, 2)}\n`);
    });
  }

  it('opens, with every snapshot as it was saved', async () => {
    const vector = await readVector(name);
    const found = await readSession(await storeFrom(vector), vector.encryptionKey, vector.session);
    expect(
      found.map(({ info: { generation, sequence }, digests, live }) => ({
        generation,
        sequence,
        digests,
        live,
      })),
    ).toEqual(
      vector.snapshots.map(({ files, ...snapshot }) => ({ ...snapshot, digests: digested(files) })),
    );
  });

  it('is restored and saved to', async () => {
    const vector = await readVector(name);
    const store = await storeFrom(vector);
    const key = vector.encryptionKey ?? undefined;
    const targetDir = join(await temporaryFolder(), 'profile');
    const restored = await restoreSession({ store, session, encryptionKey: key, targetDir });
    const newest = vector.snapshots[0];
    expect(restored.sequence).toBe(newest?.sequence);
    expect(withoutLocalStorage(await digestsIn(targetDir))).toEqual(
      withoutLocalStorage(digested(newest?.files ?? {})),
    );
    const writer = await openWriter(store, { encryptionKey: key });
    const profile = smallProfile(2000, 5);
    await writer.save(profile.capture());
    const [saved] = await readSession(store, vector.encryptionKey);
    expect(saved?.digests).toEqual(profile.digests());
  });
});

describe('what has format 2', () => {
  it('is refused as such: a head, a key and a pack', async () => {
    const vector = await readVector('sealed');
    const unknown = (key: string) => {
      const json = Buffer.from(vector.store[key] ?? '', 'base64').toString();
      return Buffer.from(json.replace('"format":1', '"format":2,"more":true'));
    };
    for (const key of [headKey(session), keyKey(session)]) {
      const store = await storeFrom(vector);
      await store.delete([key]);
      await store.swapCell(key, unknown(key), null);
      await rejection(readSession(store, vector.encryptionKey), 'FORMAT_UNSUPPORTED');
      await rejection(
        openWriter(store, { encryptionKey: vector.encryptionKey ?? undefined }),
        'FORMAT_UNSUPPORTED',
      );
    }
    const store = await storeFrom(vector);
    const name = `2-${vector.snapshots[0]?.sequence}-0`;
    const pack = Buffer.from((await store.get(packKey(session, name))) ?? []);
    pack[4] = 2;
    pack.fill(9, 16, pack.length - 32);
    await store.put(packKey(session, name), pack);
    const targetDir = join(await temporaryFolder(), 'profile');
    const encryptionKey = KEY;
    await rejection(
      restoreSession({ store, session, encryptionKey, targetDir }),
      'FORMAT_UNSUPPORTED',
    );
  });

  it('is refused as such: a manifest', async () => {
    const store = await storeFrom(await readVector('sealed'));
    const { head, reader } = await openSession({ store, session, encryptionKey: KEY });
    const { sealer } = reader;
    const packs = new PackWriter({ store, session, sealer, generation: 9, sequence: 99 });
    const manifest = await packs.finish(Buffer.from('{"format":2,"anything":[]}'));
    const last = head.snapshots.at(-1);
    if (!last) throw new Error('no snapshot');
    const snapshots = [...head.snapshots, { ...last, sequence: 99, manifest }];
    const value = encodeHead({ ...head, sequence: 99, snapshots }, (text) => sealer.tagOf(text));
    await store.delete([headKey(session)]);
    await store.swapCell(headKey(session), value, null);
    const targetDir = join(await temporaryFolder(), 'profile');
    await rejection(
      restoreSession({ store, session, encryptionKey: KEY, targetDir }),
      'FORMAT_UNSUPPORTED',
    );
  });
});

async function createVector(encryptionKey: string | null): Promise<Vector> {
  const store = new MemoryObjects();
  const profile = smallProfile(1000);
  const snapshots: Vector['snapshots'] = [];
  for (const generation of [1, 2]) {
    const writer = await openWriter(store, { encryptionKey: encryptionKey ?? undefined });
    for (let save = 0; save < 2; save++) {
      profile.append(undefined, 30);
      if (generation === 2) {
        const cookie = { name: 'wa_lang', value: 'en', domain: '.whatsapp.com', path: '/' };
        profile.setLocalStorage({ 'last-wid': `"${save}"`, ü: '\ud800' }, [cookie]);
      }
      const saved = await writer.save(profile.capture());
      const files = Object.fromEntries(
        [...profile.digests().keys()].map((path) => [
          path,
          profile.bytesOf(path).toString('base64'),
        ]),
      );
      const live = profile.live.state === 'included' ? profile.live.values : null;
      snapshots.unshift({ generation, sequence: saved?.sequence ?? 0, files, live });
    }
  }
  const contents = [...(await contentsOf(store))].map(([key, bytes]) => [
    key,
    Buffer.from(bytes).toString('base64'),
  ]);
  return { session, encryptionKey, store: Object.fromEntries(contents), snapshots };
}

async function readVector(name: string): Promise<Vector> {
  return JSON.parse(await readFile(join(FOLDER, `${name}.json`), 'utf8')) as Vector;
}

function storeFrom({ store }: Vector): Promise<MemoryObjects> {
  return storeOf(
    Object.entries(store).map(([key, bytes]) => [key, Buffer.from(bytes, 'base64')] as const),
  );
}

function digested(files: Record<string, string>): Map<string, string> {
  return new Map(
    Object.entries(files).map(([path, bytes]) => [path, digestOf(Buffer.from(bytes, 'base64'))]),
  );
}
