import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type { ObjectStore } from '../../../src/objects/object-store.js';
import { HolderWatch } from '../../../src/snapshot/lease/holder-watch.js';
import { joinWorker } from '../../../src/snapshot/lease/join-worker.js';
import type { LeaseHolder } from '../../../src/snapshot/lease/lease-held-error.js';
import { type TakeSessionOptions, takeSession } from '../../../src/snapshot/lease/take-session.js';
import { type OnLeaseHeld, untilFree } from '../../../src/snapshot/lease/until-free.js';
import { Worker } from '../../../src/snapshot/lease/worker.js';
import { workerKey } from '../../../src/snapshot/lease/worker-cell.js';
import { readHead } from '../../../src/snapshot/open-session.js';
import { SessionWriter } from '../../../src/snapshot/session-writer.js';
import { FileStore } from '../../../src/stores/file-store.js';
import { identifyProcess, isRunning } from '../../../src/system/processes.js';
import { rejection } from '../support/sessions.js';
import { WrappedStore } from '../support/wrapped-store.js';
import { Holder } from './support/holder.js';

const session = 'RemoteAuth-test';
const TERM_MS = 600;
const events = { onWanted: () => undefined, onLost: () => undefined };

async function startWorker(store: ObjectStore, termMs = TERM_MS): Promise<Worker> {
  const worker = await Worker.start(store, termMs);
  // Its store may be gone by then.
  onTestFinished(() => worker.leave().catch(() => undefined));
  return worker;
}

function take(
  store: ObjectStore,
  worker: Worker,
  options: Partial<TakeSessionOptions> = {},
): Promise<SessionWriter> {
  return takeSession({ store, session, worker, onLeaseHeld: 'wait', ...options });
}

const ownerOf = async (store: ObjectStore) =>
  (await readHead(store, session))?.decoded.head.owner ?? null;

/** A worker that says nothing any more, as one on another machine that has crashed. */
async function silentWorker(store: ObjectStore, termMs = TERM_MS): Promise<Worker> {
  const wrapped = new WrappedStore(store);
  const worker = await Worker.start(wrapped, termMs);
  await take(wrapped, worker);
  wrapped.fault = () => 'fail';
  onTestFinished(() => worker.leave().catch(() => undefined));
  return worker;
}

describe('a session that a living worker holds', () => {
  it('is waited for, told once, and taken as soon as it is released', async () => {
    const store = new MemoryObjects();
    const first = await startWorker(store);
    const writer = await take(store, first);
    const second = await startWorker(store);
    const waiting: LeaseHolder[] = [];
    let isReleased = false;
    const taken = take(store, second, { onWaiting: (holder) => waiting.push(holder) }).then(() =>
      expect(isReleased).toBe(true),
    );
    // For much longer than a term: it lives, so that it is not taken over.
    await beats(store, first, 9);
    expect(await ownerOf(store)).toBe(first.id);
    isReleased = true;
    await writer.release();
    await taken;
    expect(waiting).toEqual([expect.objectContaining({ worker: first.id, pid: process.pid })]);
    expect(await ownerOf(store)).toBe(second.id);
  });

  it("is refused with onLeaseHeld: 'fail', naming the holder", async () => {
    const store = new MemoryObjects();
    const first = await startWorker(store);
    await take(store, first);
    const second = await startWorker(store);
    const error = await rejection(take(store, second, { onLeaseHeld: 'fail' }), 'LEASE_HELD');
    expect(error.message).toContain(`process ${process.pid}`);
    expect(error).toMatchObject({ holder: { worker: first.id, pid: process.pid } });
    expect(await ownerOf(store)).toBe(first.id);
  });

  it('is asked for with takeover, and its holder hears of it with its next renewal', async () => {
    const store = new MemoryObjects();
    const first = await startWorker(store);
    const writer = await take(store, first);
    const wanted = new Promise<void>((onWanted) =>
      first.claim(session, { ...events, onWanted: () => onWanted() }),
    ).then(() => writer.release());
    const second = await startWorker(store);
    await take(store, second, { onLeaseHeld: 'takeover' });
    await wanted;
    expect(first.isRenewed).toBe(true);
    expect(await ownerOf(store)).toBe(second.id);
  });

  it('is not taken by a writer without a lease either', async () => {
    const store = new MemoryObjects();
    await take(store, await startWorker(store));
    await rejection(untilFree(store, session), 'LEASE_HELD');
    await rejection(SessionWriter.open({ store, session }), 'LEASE_HELD');
  });

  it('gives up waiting when it is told to, and holds nothing', async () => {
    const store = new MemoryObjects();
    const first = await startWorker(store);
    await take(store, first);
    const stop = new AbortController();
    const second = await startWorker(store);
    const onWaiting = () => stop.abort();
    await expect(take(store, second, { signal: stop.signal, onWaiting })).rejects.toThrow(/abort/);
    expect(await ownerOf(store)).toBe(first.id);
  });
});

describe('a session whose worker has fallen silent', () => {
  for (const onLeaseHeld of ['wait', 'fail', 'takeover'] as OnLeaseHeld[]) {
    it(`is taken over after its whole term (${onLeaseHeld})`, async () => {
      const store = new MemoryObjects();
      const lost = await silentWorker(store);
      const second = await startWorker(store);
      const startedAt = performance.now();
      await take(store, second, { onLeaseHeld });
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TERM_MS);
      expect(await ownerOf(store)).toBe(second.id);
      expect(await store.readCell(workerKey(lost.id))).toBeNull();
    });
  }

  it('is lost to it: its next renewal says so, to each of its sessions', async () => {
    const store = new WrappedStore();
    const first = await Worker.start(store, TERM_MS);
    const lost: unknown[] = [];
    first.claim(session, { ...events, onLost: (error) => lost.push(error) });
    await take(store, first);
    store.fault = ({ kind, key }) =>
      kind === 'swapCell' && key === workerKey(first.id) ? 'fail' : null;
    // Through the store itself: only the worker's own renewals fail.
    const second = await startWorker(store.inner);
    await take(store.inner, second);
    store.heal();
    await rejection(first.renew(), 'LEASE_LOST');
    expect(lost).toEqual([expect.objectContaining({ code: 'LEASE_LOST' })]);
    expect(first).toMatchObject({ isDead: true, isRenewed: false });
    await rejection(first.renew(), 'LEASE_LOST');
  });

  it('counts its own term, and not what the store was away for', async () => {
    const inner = new MemoryObjects();
    const holder = await silentWorker(inner);
    const store = new WrappedStore(inner);
    const watch = new HolderWatch(store, holder.id);
    expect((await watch.look()).is).toBe('silent');
    await pass(TERM_MS);
    store.failAt(0);
    await rejection(watch.look(), 'STORE_UNREACHABLE');
    store.heal();
    const healedAt = performance.now();
    while ((await watch.look()).is !== 'gone') await pass(TERM_MS / 10);
    expect(performance.now() - healedAt).toBeGreaterThanOrEqual(TERM_MS);
  });

  it('is not given up by a watcher that was suspended itself, perhaps together with it', async () => {
    const store = new MemoryObjects();
    const watch = new HolderWatch(store, (await silentWorker(store)).id);
    await watch.look();
    await pass(2 * TERM_MS);
    expect((await watch.look()).is).toBe('silent');
    while ((await watch.look()).is !== 'gone') await pass(TERM_MS / 10);
  });

  it('is not taken from a worker that renews at the last moment', async () => {
    const inner = new MemoryObjects();
    const wrapped = new WrappedStore(inner);
    const first = await Worker.start(wrapped, TERM_MS);
    onTestFinished(() => first.leave());
    wrapped.fault = () => 'fail';
    let isRenewed = false;
    class JustBefore extends WrappedStore {
      override async swapCell(key: string, value: Uint8Array, expectedVersion: string | null) {
        wrapped.heal();
        if (!isRenewed) await first.renew();
        isRenewed = true;
        return super.swapCell(key, value, expectedVersion);
      }
    }
    const watch = new HolderWatch(new JustBefore(inner), first.id);
    while (!isRenewed) {
      expect((await watch.look()).is).not.toBe('gone');
      await pass(TERM_MS / 10);
    }
    await first.renew();
    expect((await watch.look()).is).toBe('alive');
  });
});

describe('a renewal', () => {
  it('whose answer is lost is recognised as its own', async () => {
    const store = new WrappedStore();
    const worker = await Worker.start(store, TERM_MS);
    onTestFinished(() => worker.leave());
    store.failAt(0, 'lost');
    await worker.renew();
    store.heal();
    await worker.renew();
    expect(worker.isRenewed).toBe(true);
  });

  it('finds out that its cell is gone', async () => {
    const store = new MemoryObjects();
    const worker = await startWorker(store);
    await store.delete([workerKey(worker.id)]);
    await rejection(worker.renew(), 'LEASE_LOST');
  });
});

describe('one process', () => {
  it('is one worker for all its sessions, until the last has left', async () => {
    const store = new MemoryObjects();
    const shares = await Promise.all([joinWorker(store, 5000), joinWorker(store, 5000)]);
    const [one, other] = shares;
    expect(one?.worker).toBe(other?.worker);
    await one?.leave();
    await one?.leave();
    const key = workerKey(other?.worker.id ?? '');
    expect(await store.readCell(key)).not.toBeNull();
    await other?.leave();
    expect(await store.readCell(key)).toBeNull();
    const again = await joinWorker(store, 5000);
    expect(again.worker.id).not.toBe(other?.worker.id);
    await again.leave();
  });
});

describe('a holder on this machine', () => {
  const LONG_TERM_MS = 60_000;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'holdfast-lease-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const openStore = () => new FileStore({ path: path.join(folder, 'store') });
  const storeFolder = () => path.join(folder, 'store');

  it('that was killed is not waited for', async () => {
    const holder = await Holder.start({ folder: storeFolder(), session, termMs: LONG_TERM_MS });
    await holder.end();
    const worker = await startWorker(openStore(), LONG_TERM_MS);
    await take(openStore(), worker, { onWaiting: () => expect.unreachable() });
    expect(await ownerOf(openStore())).toBe(worker.id);
  });

  it('that was killed leaves a browser, which is ended first', async () => {
    const holder = await Holder.start({
      folder: storeFolder(),
      session,
      termMs: LONG_TERM_MS,
      withBrowser: true,
    });
    const browser = await identifyProcess(holder.browser);
    if (browser === null) throw new Error('the browser does not run');
    await holder.end();
    expect(await isRunning(browser)).toBe(true);
    await take(openStore(), await startWorker(openStore(), LONG_TERM_MS));
    expect(await isRunning(browser)).toBe(false);
  });

  it('that is stopped is waited for, and finds out when it goes on', async () => {
    const holder = await Holder.start({ folder: storeFolder(), session, termMs: TERM_MS });
    holder.kill('SIGSTOP');
    const startedAt = performance.now();
    await take(openStore(), await startWorker(openStore()));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TERM_MS);
    holder.kill('SIGCONT');
    await holder.until(/^lost$/);
  });

  it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'in a container of its own is waited for: its pid says nothing here',
    async () => {
      const holder = await Holder.start({
        folder: storeFolder(),
        session,
        termMs: TERM_MS,
        through: ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'],
      });
      await holder.end();
      const waited: LeaseHolder[] = [];
      const startedAt = performance.now();
      await take(openStore(), await startWorker(openStore()), {
        onWaiting: (seen) => waited.push(seen),
      });
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TERM_MS);
      expect(waited).toHaveLength(1);
    },
  );

  it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'in a container that shows the processes of its host is waited for',
    async () => {
      const holder = await Holder.start({
        folder: storeFolder(),
        session,
        termMs: TERM_MS,
        through: ['unshare', '--pid', '--fork', '--kill-child'],
      });
      const pid = holder.pid;
      holder.kill('SIGKILL');
      await identifyProcess(pid);
      const startedAt = performance.now();
      await take(openStore(), await startWorker(openStore()));
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TERM_MS);
    },
  );
});

/** Until a worker has renewed its cell so often. */
async function beats(store: ObjectStore, worker: Worker, times: number): Promise<void> {
  let last = '';
  for (let seen = 0; seen < times; ) {
    const version = (await store.readCell(workerKey(worker.id)))?.version ?? '';
    if (version !== last) seen++;
    last = version;
    await pass(10);
  }
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
