import assert from 'node:assert/strict';
import type { ObjectStore } from '../objects/object-store.js';
import { race } from './cell-checks.js';
import { assertBytes, assertRejects, bytesOf, keysOf } from './contract-test.js';

type TwoChecks = (store: ObjectStore, other: ObjectStore) => Promise<void>;

/** What two instances on one place see of each other. */
export const sharingChecks: Record<string, TwoChecks> = {
  'what one instance has written, another reads at once': async (store, other) => {
    for (let round = 0; round < 5; round++) {
      const key = `object-${round}`;
      assert.equal(await other.get(key), null);
      await store.put(key, bytesOf(key));
      assertBytes(await other.get(key), bytesOf(key), `The object ${key}`);
      assert.equal((await keysOf(other, '')).length, 1);
      await store.delete([key]);
      assert.equal(await other.get(key), null);
      assert.deepEqual(await keysOf(other, ''), []);
    }
  },

  'instances take turns on a cell': async (store, other) => {
    let version: string | null = null;
    for (let round = 0; round < 5; round++) {
      const stale: string | null = version;
      version = await store.swapCell('cell', bytesOf(`${round}`), version);
      const late = other.swapCell('cell', bytesOf('late'), stale);
      await assertRejects(late, ['CELL_CONFLICT'], 'A swap from a version that another has left');
      const cell = await other.readCell('cell');
      assert.equal(cell?.version, version);
      assertBytes(cell?.value ?? null, bytesOf(`${round}`), 'The cell');
      version = await other.swapCell('cell', bytesOf('other'), version);
      assert.equal((await store.readCell('cell'))?.version, version);
    }
    await other.delete(['cell']);
    assert.equal(await store.readCell('cell'), null);
  },

  'of swaps at once through two instances, one wins': async (store, other) => {
    let version: string | null = null;
    for (let run = 0; run < 5; run++) version = await race([store, other], version);
  },
};

/** What a store answers once it cannot be asked. */
export async function checkBroken(
  store: ObjectStore,
  breakStore: () => void | Promise<void>,
): Promise<void> {
  await store.put('packs/object', bytesOf('x'));
  const version = await store.swapCell('cell', bytesOf('x'), null);
  await breakStore();
  const calls: [string, () => Promise<unknown>][] = [
    ['get', () => store.get('packs/object')],
    ['get of a range', () => store.get('packs/object', { start: 0, end: 1 })],
    ['get of what never was', () => store.get('nothing')],
    ['put', () => store.put('packs/other', bytesOf('x'))],
    ['list', () => keysOf(store, '')],
    ['list of what never was', () => keysOf(store, 'nothing/')],
    ['delete', () => store.delete(['packs/object'])],
    ['delete of what never was', () => store.delete(['nothing'])],
    ['readCell', () => store.readCell('cell')],
    ['readCell of what never was', () => store.readCell('nothing')],
    ['swapCell', () => store.swapCell('cell', bytesOf('y'), version)],
    ['swapCell from null', () => store.swapCell('nothing', bytesOf('y'), null)],
  ];
  for (const [what, call] of calls) {
    await assertRejects(call(), ['STORE_UNREACHABLE', 'STORE_UNUSABLE'], what);
  }
}
