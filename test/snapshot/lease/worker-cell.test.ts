import { expect, it, onTestFinished } from 'vitest';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { buryWorker } from '../../../src/snapshot/lease/bury-worker.js';
import { HolderWatch } from '../../../src/snapshot/lease/holder-watch.js';
import { readWorker } from '../../../src/snapshot/lease/read-worker.js';
import { Worker } from '../../../src/snapshot/lease/worker.js';
import {
  decodeWorkerCell,
  encodeWorkerCell,
  workerKey,
} from '../../../src/snapshot/lease/worker-cell.js';

async function startWorker(store: MemoryObjects, termMs = 600): Promise<Worker> {
  const worker = await Worker.start(store, termMs);
  onTestFinished(() => worker.leave());
  return worker;
}

it('a cell without anything for others of its kind is as earlier versions write and read it', async () => {
  const store = new MemoryObjects();
  const { id } = await startWorker(store);
  const value = (await store.readCell(workerKey(id)))?.value ?? new Uint8Array();
  expect(JSON.parse(Buffer.from(value).toString())).not.toHaveProperty('about');
  expect(decodeWorkerCell(value).about).toBeNull();
  expect(Buffer.from(encodeWorkerCell(decodeWorkerCell(value)))).toEqual(Buffer.from(value));
});

it('what a worker says about itself is seen by whoever watches it, and survives what others write', async () => {
  const store = new MemoryObjects();
  const worker = await startWorker(store);
  worker.setAbout('{"capacity":3}');
  await worker.renew();
  const watch = new HolderWatch(store, worker.id);
  expect(await watch.look()).toMatchObject({ is: 'silent', about: '{"capacity":3}' });
  await watch.ask('RemoteAuth');
  expect((await readWorker(store, worker.id))?.cell).toMatchObject({
    wanted: ['RemoteAuth'],
    about: '{"capacity":3}',
  });
  await worker.renew();
  expect(await watch.look()).toMatchObject({ is: 'alive', about: '{"capacity":3}' });
});

it('a worker that was declared dead is not renewed any more', async () => {
  const store = new MemoryObjects();
  const worker = await startWorker(store);
  expect(worker.isRenewed).toBe(true);
  const found = await readWorker(store, worker.id);
  if (found) await buryWorker(store, found);
  await expect(worker.renew()).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(worker.isRenewed).toBe(false);
});

/** A store of which a request to change a cell is lost on the way, or its answer. */
class HangingObjects extends MemoryObjects {
  hangs: 'no' | 'before' | 'after' = 'no';

  override async swapCell(...args: Parameters<MemoryObjects['swapCell']>): Promise<string> {
    const how = this.hangs;
    this.hangs = 'no';
    if (how === 'before') await new Promise(() => undefined);
    const version = await super.swapCell(...args);
    if (how === 'after') await new Promise(() => undefined);
    return version;
  }
}

it.each(['before', 'after'] as const)(
  'a request that hangs does not use up the term (%s)',
  async (hangs) => {
    const store = new HangingObjects();
    const worker = await startWorker(store, 6_000);
    const beat = async () => (await readWorker(store, worker.id))?.cell.beat;
    const before = await beat();
    store.hangs = hangs;
    await worker.renew();
    expect(worker.isRenewed).toBe(true);
    expect(await beat()).not.toBe(before);
    // And it goes on from there.
    await worker.renew();
  },
);
