import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/errors.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { createMetrics } from '../../../src/server/metrics/metrics.js';
import { TimedObjects } from '../../../src/server/metrics/timed-objects.js';
import { objectStoreContract } from '../../../src/testing/index.js';
import { SimulatedFleet } from './simulated-fleet.js';

describe('the contract of a store whose answers are timed', () => {
  const create = () => new TimedObjects(new MemoryObjects());
  for (const { name, run } of objectStoreContract({ create })) it(name, run);
});

class FailingObjects extends MemoryObjects {
  isClosed = false;
  readonly defaultSaveIntervalMs = 10_000;
  readonly defaultBudget = 3;
  readonly formerArchives = { marker: true } as never;

  override async get(_key: string, _range?: unknown, signal?: AbortSignal): Promise<null> {
    signal?.throwIfAborted();
    throw new HoldfastError('STORE_UNREACHABLE', 'Gone.');
  }

  override async put(): Promise<void> {
    throw new HoldfastError('STORE_FULL', 'Full.');
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

describe('a store whose answers are timed', () => {
  it('counts its requests by what came of them', async () => {
    const store = new TimedObjects(new FailingObjects());
    const metrics = createMetrics(new SimulatedFleet(), { store });
    await store.swapCell('cell', Buffer.from('x'), null);
    await store.swapCell('cell', Buffer.from('x'), null).catch(() => undefined);
    await store.readCell('cell');
    await store.get('object').catch(() => undefined);
    await store.get('object', undefined, AbortSignal.abort()).catch(() => undefined);
    await store.put('object', Buffer.of(1)).catch(() => undefined);
    for await (const listed of store.list('')) expect(listed.key).toBe('cell');
    await store.delete(['cell']);
    const text = await metrics.text();
    metrics.close();
    const counts = [...text.matchAll(/^holdfast_store_request_duration_seconds_count\{(.*)/gm)];
    expect(counts.map(([, line]) => line).sort()).toEqual([
      'operation="delete",outcome="ok"} 1',
      'operation="get",outcome="given_up"} 1',
      'operation="get",outcome="unreachable"} 1',
      'operation="list",outcome="ok"} 1',
      'operation="put",outcome="failed"} 1',
      'operation="read_cell",outcome="ok"} 1',
      'operation="swap_cell",outcome="conflict"} 1',
      'operation="swap_cell",outcome="ok"} 1',
    ]);
  });

  it('says all that the store says of itself, and ends it', async () => {
    const inner = new FailingObjects();
    const store = new TimedObjects(inner);
    expect(store.defaultSaveIntervalMs).toBe(10_000);
    expect(store.defaultBudget).toBe(3);
    expect(store.formerArchives).toBe(inner.formerArchives);
    await store.close();
    expect(inner.isClosed).toBe(true);
  });
});
