import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { findHolder } from '../../src/snapshot/lease/find-holder.js';
import type { LeaseHolder } from '../../src/snapshot/lease/lease-held-error.js';
import { takeSession } from '../../src/snapshot/lease/take-session.js';
import { untilFree } from '../../src/snapshot/lease/until-free.js';
import { Worker } from '../../src/snapshot/lease/worker.js';
import { encodeWorkerCell, workerKey } from '../../src/snapshot/lease/worker-cell.js';
import { SessionWriter } from '../../src/snapshot/session-writer.js';
import { MemoryStore } from '../../src/stores/memory-store.js';

const session = 'RemoteAuth';
const TERM_MS = 300;

/** A worker of another machine, which never renews its cell. */
async function heldFromElsewhere(store: MemoryStore): Promise<string> {
  const worker = randomBytes(8).toString('hex');
  const cell = encodeWorkerCell({
    worker,
    beat: 'the last',
    termMs: TERM_MS,
    host: 'elsewhere',
    process: { pid: 7, startTime: '7' },
    place: null,
    browsers: [],
    wanted: [],
    isDead: false,
    about: null,
  });
  await store.swapCell(workerKey(worker), cell, null);
  await SessionWriter.open({ store, session, owner: worker });
  return worker;
}

test('a session that nobody holds, or that is not there, is free at once', async () => {
  const store = new MemoryStore();
  await untilFree(store, session);
  await SessionWriter.open({ store, session });
  await untilFree(store, session);
});

test('one whose holder lives is refused, naming the holder', async () => {
  const store = new MemoryStore();
  const worker = await Worker.start(store, TERM_MS);
  await takeSession({ store, session, worker, onLeaseHeld: 'fail' });
  const holder = { worker: worker.id, pid: process.pid, termMs: TERM_MS };
  expect(await findHolder(store, worker.id)).toMatchObject(holder);
  await expect(untilFree(store, session)).rejects.toMatchObject({ code: 'LEASE_HELD', holder });
  await worker.leave();
  await untilFree(store, session);
  expect(await findHolder(store, worker.id)).toBeNull();
});

test('one whose holder has crashed elsewhere is free once nothing was heard for a term', async () => {
  const store = new MemoryStore();
  const worker = await heldFromElsewhere(store);
  const watched: LeaseHolder[] = [];
  const started = performance.now();
  await untilFree(store, session, (holder) => watched.push(holder));
  expect(performance.now() - started).toBeGreaterThanOrEqual(TERM_MS);
  expect(watched).toMatchObject([{ worker, host: 'elsewhere', pid: 7 }]);
  // What only looks once finds it gone as well.
  await SessionWriter.open({ store, session });
});

test('a head that cannot be read names no holder', async () => {
  const store = new MemoryStore();
  await store.swapCell(`heads/${session}`, Buffer.from('no head'), null);
  await untilFree(store, session);
});
