import assert from 'node:assert/strict';
import { MAX_CELL_BYTES, type ObjectStore } from '../objects/object-store.js';
import {
  assertBytes,
  assertRejects,
  bytesOf,
  type Check,
  keysOf,
  manyBytes,
} from './contract-test.js';

const CONFLICT = ['CELL_CONFLICT'];
const RACERS = 20;
const RACES = 10;

export const cellChecks: Record<string, Check> = {
  'a cell that is not here reads as null, and is made by a swap from null': async (store) => {
    assert.equal(await store.readCell('cell'), null);
    const version = await store.swapCell('cell', bytesOf('first'), null);
    assert.equal(await valueAt(store, version), 'first');
    assert.deepEqual(await keysOf(store, ''), ['cell']);
  },

  'a swap from the current version changes the cell': async (store) => {
    const first = await store.swapCell('cell', bytesOf('first'), null);
    const second = await store.swapCell('cell', bytesOf('second'), first);
    assert.notEqual(second, first);
    assert.equal(await valueAt(store, second), 'second');
    const third = await store.swapCell('cell', bytesOf('third'), second);
    assert.equal(await valueAt(store, third), 'third');
  },

  'a swap from anything else conflicts and changes nothing': async (store) => {
    await refuseSwap(store, 'never-a-version', 'of a cell that is not here');
    assert.equal(await store.readCell('cell'), null);
    const first = await store.swapCell('cell', bytesOf('first'), null);
    const second = await store.swapCell('cell', bytesOf('second'), first);
    for (const wrong of [first, null, '', 'never-a-version', '../cell', `${second}0`]) {
      await refuseSwap(store, wrong, `expecting ${JSON.stringify(wrong)}`);
    }
    const other = await store.swapCell('other', bytesOf('other'), null);
    if (other !== second) await refuseSwap(store, other, 'expecting the version of another cell');
    assert.equal(await valueAt(store, second), 'second');
  },

  'a cell holds any bytes: none, every value, 64 KiB; not more': async (store) => {
    let version: string | null = null;
    const largest = manyBytes(MAX_CELL_BYTES);
    for (const value of [new Uint8Array(), Uint8Array.of(0, 255, 10, 13, 195), largest]) {
      version = await store.swapCell('cell', value, version);
      const cell = await store.readCell('cell');
      assertBytes(cell?.value ?? null, value, `The cell of ${value.length} bytes`);
    }
    const swap = store.swapCell('cell', new Uint8Array(MAX_CELL_BYTES + 1), version);
    await assertRejects(swap, ['INVALID_OPTION'], 'A swap to one byte more');
    assertBytes((await store.readCell('cell'))?.value ?? null, largest, 'The cell');
  },

  'a cell shares no memory with the caller': async (store) => {
    const value = bytesOf('kept');
    const version = await store.swapCell('cell', value, null);
    value.fill(0);
    (await store.readCell('cell'))?.value.fill(0);
    assert.equal(await valueAt(store, version), 'kept');
  },

  'an old version conflicts though the content has returned': async (store) => {
    const first = await store.swapCell('cell', bytesOf('same'), null);
    const second = await store.swapCell('cell', bytesOf('other'), first);
    const third = await store.swapCell('cell', bytesOf('same'), second);
    const fourth = await store.swapCell('cell', bytesOf('same'), third);
    assert.equal(new Set([first, second, third, fourth]).size, 4, 'A version was given twice');
    for (const old of [first, second, third]) await refuseSwap(store, old, 'expecting an old one');
    assert.equal(await valueAt(store, fourth), 'same');
  },

  'a deleted cell is not here, and made again it never has an old version': async (store) => {
    const versions = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const made = await store.swapCell('cell', bytesOf('same'), null);
      const changed = await store.swapCell('cell', bytesOf('same'), made);
      for (const old of versions) await refuseSwap(store, old, 'expecting one from before');
      versions.add(made).add(changed);
      assert.equal(versions.size, 2 * round + 2, 'A version was given twice');
      await store.delete(['cell']);
      assert.equal(await store.readCell('cell'), null);
      assert.deepEqual(await keysOf(store, ''), []);
      await refuseSwap(store, changed, 'of a deleted cell');
      await store.delete(['cell']);
    }
  },

  'after an answer that got lost, the swap again conflicts, and a read tells': async (store) => {
    const first = await store.swapCell('cell', bytesOf('first'), null);
    // Its answer is the one that gets lost.
    await store.swapCell('cell', bytesOf('mine'), first);
    await assertRejects(store.swapCell('cell', bytesOf('mine'), first), CONFLICT, 'The swap again');
    const cell = await store.readCell('cell');
    assertBytes(cell?.value ?? null, bytesOf('mine'), 'The cell');
    await store.swapCell('cell', bytesOf('next'), cell?.version ?? null);
  },

  [`of ${RACERS} swaps at once, one wins`]: async (store) => {
    let version: string | null = null;
    for (let run = 0; run < RACES; run++) {
      if (run === RACES / 2) {
        await store.delete(['cell']);
        version = null;
      }
      version = await race([store], version);
    }
  },

  'a counter that many raise at once loses none and counts none twice': async (store) => {
    await store.swapCell('cell', bytesOf('0'), null);
    const counters = Array.from({ length: 8 }, async () => {
      for (let raised = 0; raised < 5; ) if (await raise(store)) raised += 1;
    });
    await Promise.all(counters);
    const cell = await store.readCell('cell');
    assertBytes(cell?.value ?? null, bytesOf('40'), 'The counter');
  },
};

async function valueAt(store: ObjectStore, version: string): Promise<string> {
  const cell = await store.readCell('cell');
  assert.ok(cell !== null, 'The cell is not here');
  assert.equal(cell.version, version, 'The cell is at another version than the swap returned');
  return new TextDecoder().decode(cell.value);
}

async function refuseSwap(store: ObjectStore, expected: string | null, how: string): Promise<void> {
  const swap = store.swapCell('cell', bytesOf('wrong'), expected);
  await assertRejects(swap, CONFLICT, `A swap ${how}`);
}

/**
 * Lets 20 swap from a version at once, shared out among these instances, and checks that one wins.
 *
 * @returns the version after the race
 */
export async function race(stores: readonly ObjectStore[], from: string | null): Promise<string> {
  const racers = stores.flatMap((store, instance) =>
    Array.from({ length: RACERS / stores.length }, async (_, racer) => {
      const value = `racer ${racer} of instance ${instance}`;
      const version = await swapOrNull(store, value, from);
      return version === null ? null : { value, version };
    }),
  );
  const winners = (await Promise.all(racers)).filter((outcome) => outcome !== null);
  const [winner] = winners;
  assert.ok(winner !== undefined && winners.length === 1, `${winners.length} of ${RACERS} won`);
  for (const store of stores) assert.equal(await valueAt(store, winner.version), winner.value);
  return winner.version;
}

async function raise(store: ObjectStore): Promise<boolean> {
  const cell = await store.readCell('cell');
  const count = Number(new TextDecoder().decode(cell?.value));
  return (await swapOrNull(store, `${count + 1}`, cell?.version ?? null)) !== null;
}

async function swapOrNull(
  store: ObjectStore,
  value: string,
  expected: string | null,
): Promise<string | null> {
  try {
    return await store.swapCell('cell', bytesOf(value), expected);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'CELL_CONFLICT') return null;
    throw error;
  }
}
