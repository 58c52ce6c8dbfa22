import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/errors.js';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import type { ObjectStore } from '../../src/objects/object-store.js';
import { isDamage } from '../../src/snapshot/blob-reader.js';
import type { EncryptionKey } from '../../src/snapshot/encryption-key.js';
import { rotateKey } from '../../src/snapshot/key-cell.js';
import { openSession } from '../../src/snapshot/open-session.js';
import { repairSession } from '../../src/snapshot/repair-session.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import { CellHistory, type Material, type Mutation, mutate } from './support/mutations.js';
import {
  digestsIn,
  KEY,
  openWriter,
  readSnapshot,
  type SnapshotContent,
  session,
  withoutLocalStorage,
} from './support/sessions.js';
import { mulberry32, smallProfile } from './support/test-profile.js';
import { contentsOf, storeOf } from './support/wrapped-store.js';

const COUNT = Number(process.env.HOLDFAST_MUTATIONS ?? 2000);
const SEED = Number(process.env.HOLDFAST_MUTATION_SEED ?? 1);
/** So often one is restored to the disk as well, or repaired, which takes longer. */
const RESTORED = 50;

const OTHER = 'RemoteAuth-other';

interface Repository extends Material {
  encryptionKey: EncryptionKey | undefined;
  /** What was committed and what its head says of it, newest first, as {@link summary}. */
  committed: string[];
}

/** Two sessions of the same kind of profile and the same key, each with a few saves. */
async function createRepository(isSealed: boolean): Promise<Repository> {
  const store = new MemoryObjects();
  const history = new CellHistory();
  const encryptionKey = isSealed ? KEY : undefined;
  const save = async (name: string, seed: number) => {
    // The key of the past, which must not open anything any more.
    const oldKey = isSealed ? Buffer.alloc(32, 1) : undefined;
    const profile = smallProfile(3000, seed);
    let writer = await openWriter(store, { session: name, encryptionKey: oldKey });
    for (let round = 0; round < 4; round++) {
      if (round === 2) {
        if (oldKey) await rotateKey(store, name, oldKey, KEY);
        writer = await openWriter(store, { session: name, encryptionKey });
      }
      profile.append();
      if (round === 1) profile.compact(1, [500]);
      profile.setLocalStorage({ round: `${round}`, seed: `${seed}` });
      await writer.save(profile.capture());
      if (name === session) await history.note(store);
    }
  };
  await save(session, 1);
  await save(OTHER, 2);
  const contents = await contentsOf(store);
  const isOwn = (key: string) => key.split('/')[1] === session;
  const { head, reader } = await openSession({ store, session, encryptionKey });
  const committed: string[] = [];
  for (const info of [...head.snapshots].reverse()) {
    committed.push(summary(await readSnapshot(info, reader)));
  }
  return {
    contents: new Map([...contents].filter(([key]) => isOwn(key))),
    keys: [...contents.keys()].filter(isOwn),
    foreign: new Map([...contents].filter(([key]) => !isOwn(key))),
    earlier: history.versions,
    encryptionKey,
    committed,
  };
}

function summary({ info, digests, live }: SnapshotContent): string {
  const { manifest: _, ...told } = info;
  return JSON.stringify([[...digests], live, told]);
}

interface Outcome {
  /** A code when it was refused. */
  code: string | null;
  content: string | null;
  isSkipping: boolean;
}

/** What restoring does, without a disk. */
async function open(store: ObjectStore, { encryptionKey }: Repository): Promise<Outcome> {
  let refused: HoldfastError | null = null;
  try {
    const { head, reader } = await openSession({ store, session, encryptionKey });
    for (const info of [...head.snapshots].reverse()) {
      try {
        const content = summary(await readSnapshot(info, reader));
        return { code: null, content, isSkipping: refused !== null };
      } catch (error) {
        if (!isDamage(error)) throw error;
        refused ??= error as HoldfastError;
      }
    }
    if (refused) throw refused;
    throw new Error('opened, and there is nothing in it');
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { code: error.code, content: null, isSkipping: false };
  }
}

/** Throws when the mutation led to something that nobody has saved, or was passed over in silence. */
async function judge(repository: Repository, mutation: Mutation, outcome: Outcome): Promise<void> {
  const { code, content, isSkipping } = outcome;
  const isReplaced = /version \d|replaced by|swapped/.test(mutation.what);
  if (!isReplaced) expect(code, 'damage, taken for a wrong key').not.toBe('KEY_WRONG');
  if (code !== null) return;
  const age = repository.committed.indexOf(content ?? '');
  expect(age, 'opened as something that was never saved').toBeGreaterThanOrEqual(0);
  // An earlier head is a store of an earlier time, which nothing can tell from the present.
  const isEarlierHead = mutation.key === `heads/${session}` && / version \d/.test(mutation.what);
  if (age > 0 && !isEarlierHead) expect(isSkipping, 'an older one, without a word').toBe(true);
}

describe.each([
  ['sealed', true],
  ['not sealed', false],
])('%s', (_name, isSealed) => {
  let repository: Repository;
  beforeAll(async () => {
    repository = await createRepository(isSealed);
  });

  const count = isSealed ? COUNT : Math.min(COUNT, 1000);
  it(`no change of one object of ${count} opens as anything but what was saved`, async () => {
    const folder = await temporaryFolder();
    const codes = new Map<string, number>();
    for (let index = 0; index < count; index++) {
      const mutation = mutate(repository, mulberry32(SEED * 1_000_003 + index));
      // Without a key only accidents are found; that one puts another object there is none.
      if (!isSealed && /replaced by its version/.test(mutation.what)) continue;
      try {
        const outcome = await open(await storeOf(mutation.contents), repository);
        await judge(repository, mutation, outcome);
        const how = outcome.code ?? (outcome.isSkipping ? 'skipped' : 'harmless');
        codes.set(how, (codes.get(how) ?? 0) + 1);
        if (index % RESTORED === 0) await compareRestored(mutation, outcome, repository, folder);
        if (index % RESTORED === 1) await repairAndJudge(mutation, repository);
      } catch (error) {
        const where = `seed ${SEED}, mutation ${index}: ${mutation.what}`;
        throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
      }
    }
    if (COUNT > 2000) console.log(Object.fromEntries([...codes].sort()));
    // All kinds of answers came up, so that the test tests something.
    expect([...codes.keys()]).toEqual(
      expect.arrayContaining(['skipped', 'harmless', 'HEAD_DAMAGED', 'HEAD_LOST']),
    );
    if (isSealed) expect(codes.get('KEY_DAMAGED')).toBeGreaterThan(0);
  }, 3_600_000);
});

/** The real restore comes to the same end as reading. */
async function compareRestored(
  { contents }: Mutation,
  outcome: Outcome,
  { encryptionKey }: Repository,
  folder: string,
): Promise<void> {
  const targetDir = join(folder, 'profile');
  // What an earlier one left would be used again, and less be read of the store.
  await rm(folder, { recursive: true });
  await mkdir(folder);
  const store = await storeOf(contents);
  try {
    const restored = await restoreSession({ store, session, encryptionKey, targetDir });
    expect(restored.skipped.length > 0).toBe(outcome.isSkipping);
    const [digests] = JSON.parse(outcome.content ?? '[[]]') as [[string, string][]];
    expect(withoutLocalStorage(await digestsIn(targetDir))).toEqual(
      withoutLocalStorage(new Map(digests)),
    );
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    expect(error.code).toBe(outcome.code);
  }
}

/** A repair refuses, or what it makes of it opens as what was saved. */
async function repairAndJudge({ contents }: Mutation, repository: Repository): Promise<void> {
  const store = await storeOf(contents);
  const { encryptionKey } = repository;
  try {
    await repairSession({ store, session, encryptionKey });
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return;
  }
  const { content, code } = await open(store, repository);
  if (code !== null) expect(isDamage(new HoldfastError(code as 'OBJECT_ALTERED', ''))).toBe(true);
  else expect(repository.committed).toContain(content);
}
