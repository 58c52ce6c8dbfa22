import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HoldfastError } from '../../src/errors.js';
import { headKey } from '../../src/snapshot/format.js';
import { openSession } from '../../src/snapshot/open-session.js';
import { repairSession } from '../../src/snapshot/repair-session.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import type { SessionWriter } from '../../src/snapshot/session-writer.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import {
  digestsIn,
  KEY,
  openWriter,
  readSession,
  readSnapshot,
  rejection,
  session,
  withoutLocalStorage,
} from './support/sessions.js';
import { BLOBS, CACHE, LOCAL_STORAGE, TestProfile } from './support/test-profile.js';
import { type Fault, WrappedStore } from './support/wrapped-store.js';

/** What may happen to a session, in any order. */
type Step =
  | { do: 'append'; bytes: number; folder: string | undefined }
  | { do: 'compact'; replaced: number; sizes: number[] }
  | { do: 'set'; file: number; bytes: number }
  | { do: 'remove'; file: number }
  | { do: 'live'; value: string }
  | { do: 'save' }
  | { do: 'fail'; at: number; fault: Exclude<Fault, null>; andLater: boolean }
  | { do: 'reopen' }
  | { do: 'restore' }
  | { do: 'repair' }
  | { do: 'rollBack'; at: number };

const file = fc.integer({ min: 0, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'save' }) },
  fc.record({
    do: fc.constant('append' as const),
    bytes: fc.constantFrom(1, 100, 40_000),
    folder: fc.constantFrom(undefined, LOCAL_STORAGE),
  }),
  fc.record({
    do: fc.constant('compact' as const),
    replaced: fc.integer({ min: 0, max: 2 }),
    sizes: fc.array(fc.constantFrom(10, 5000), { maxLength: 2 }),
  }),
  fc.record({ do: fc.constant('set' as const), file, bytes: fc.constantFrom(0, 3, 30_000) }),
  fc.record({ do: fc.constant('remove' as const), file }),
  fc.record({ do: fc.constant('live' as const), value: fc.string({ maxLength: 20 }) }),
  fc.record({
    do: fc.constant('fail' as const),
    at: fc.integer({ min: 0, max: 12 }),
    fault: fc.constantFrom('fail' as const, 'lost' as const),
    andLater: fc.boolean(),
  }),
  fc.constant<Step>({ do: 'reopen' }),
  fc.constant<Step>({ do: 'restore' }),
  fc.constant<Step>({ do: 'repair' }),
  fc.record({ do: fc.constant('rollBack' as const), at: fc.integer({ min: 0, max: 3 }) }),
);

/** A session, and what has to be in it. */
class Run {
  readonly store = new WrappedStore();
  readonly profile = new TestProfile();
  /** All that a save was tried of, as it would be read. */
  readonly #tried = new Set<string>();
  /** What the newest snapshot has to be: the last one saved, or one of those tried since. */
  #newest = new Set<string>();
  #writer: SessionWriter | null = null;
  #isCommitted = false;

  constructor(private readonly folder: string) {}

  async take(next: Step): Promise<void> {
    const { profile, store } = this;
    switch (next.do) {
      case 'append':
        return profile.append(next.folder, next.bytes);
      case 'compact':
        return profile.compact(next.replaced, next.sizes);
      case 'set':
        // A blob never changes; an entry of a cache may.
        if (next.file < 3) profile.set(`${CACHE}/a/${next.file}`, profile.randomBytes(next.bytes));
        else if (profile.bytesOf(`${BLOBS}/1/00/${next.file}`).length === 0) {
          profile.set(`${BLOBS}/1/00/${next.file}`, profile.randomBytes(next.bytes + 1), 'fixed');
        }
        return;
      case 'remove':
        profile.remove(`${next.file < 3 ? `${CACHE}/a` : `${BLOBS}/1/00`}/${next.file}`);
        return;
      case 'live':
        return profile.setLocalStorage({ value: next.value });
      case 'fail':
        return store.failAt(next.at, next.fault, next.andLater);
      case 'save':
        return this.#save();
      case 'reopen':
        this.#writer = null;
        return;
      case 'restore':
        return this.check();
      case 'repair':
        return this.#repair();
      case 'rollBack':
        return this.#rollBack(next.at);
    }
  }

  /** Every kept snapshot is one of those tried, and the newest the one it has to be. */
  async check(): Promise<void> {
    this.store.heal();
    if (!this.#isCommitted) return;
    const snapshots = await readSession(this.store);
    for (const each of snapshots) expect(this.#tried).toContain(told(each.digests, each.live));
    const [newest] = snapshots;
    if (!newest) throw new Error('nothing is left');
    expect(this.#newest).toContain(told(newest.digests, newest.live));

    await mkdir(this.folder, { recursive: true });
    const targetDir = join(this.folder, 'profile');
    const restored = await restoreSession({
      store: this.store,
      session,
      encryptionKey: KEY,
      targetDir,
    });
    expect(restored).toMatchObject({ sequence: newest.info.sequence, skipped: [] });
    expect(withoutLocalStorage(await digestsIn(targetDir))).toEqual(
      withoutLocalStorage(newest.digests),
    );
  }

  async #save(): Promise<void> {
    const { profile } = this;
    const live = profile.live.state === 'included' ? profile.live.values : null;
    const current = told(profile.digests(), live);
    await this.#tryTo(async () => {
      this.#writer ??= await openWriter(this.store, { retention: { snapshots: 3 } });
      this.#tried.add(current);
      this.#newest.add(current);
      await this.#writer.save(profile.capture());
      this.#newest = new Set([current]);
      this.#isCommitted = true;
    });
  }

  async #rollBack(at: number): Promise<void> {
    const writer = this.#writer;
    const snapshot = writer?.head.snapshots[at];
    if (!writer || !snapshot) return;
    const { reader } = await openSession({ store: this.store.inner, session, encryptionKey: KEY });
    const { digests, live } = await readSnapshot(snapshot, reader);
    await this.#tryTo(async () => {
      this.#newest.add(told(digests, live));
      await writer.rollBack(snapshot.sequence);
      this.#newest = new Set([told(digests, live)]);
    });
  }

  async #tryTo(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      expect(error).toBeInstanceOf(HoldfastError);
      expect((error as HoldfastError).code).toBe('STORE_UNREACHABLE');
    }
  }

  async #repair(): Promise<void> {
    const { store } = this;
    store.heal();
    if (!this.#isCommitted) return;
    await rejection(repairSession({ store, session, encryptionKey: KEY }), 'SESSION_EXISTS');
    await store.delete([headKey(session)]);
    await rejection(readSession(store), 'HEAD_LOST');
    await repairSession({ store, session, encryptionKey: KEY });
    this.#writer = null;
    const [newest] = await readSession(store);
    if (!newest) throw new Error('nothing is left');
    // It may find a save that was complete but for its head: then that is the newest.
    const found = told(newest.digests, newest.live);
    expect(this.#tried).toContain(found);
    this.#newest = new Set([found]);
  }
}

it('whatever happens, a session holds what was saved of it', async () => {
  const folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const each = new Run(join(folder, String(run++)));
      for (const next of steps) await each.take(next);
      await each.check();
    }),
    { numRuns: Number(process.env.HOLDFAST_MODEL_RUNS ?? 80) },
  );
}, 600_000);

function told(digests: ReadonlyMap<string, string>, live: unknown): string {
  return JSON.stringify([[...digests].sort(([a], [b]) => (a < b ? -1 : 1)), live ?? null]);
}
