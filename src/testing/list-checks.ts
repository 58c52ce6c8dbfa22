import assert from 'node:assert/strict';
import type { ListedObject } from '../objects/object-store.js';
import { assertRejects, bytesOf, type Check, forEachKey, keysOf } from './contract-test.js';

/** More than one page of any backend we know. */
const MANY = 2500;

export const listChecks: Record<string, Check> = {
  'list gives nothing when nothing is here': async (store) => {
    assert.deepEqual(await keysOf(store, ''), []);
    assert.deepEqual(await keysOf(store, 'packs/'), []);
  },

  'list gives what begins with the prefix, objects and cells, in the order of bytes': async (
    store,
  ) => {
    const objects = ['b/1', 'b/10', 'b/2', 'b-1', 'b.1', 'b1', 'B/1', 'a/b/1', 'b', 'bb/1', 'b/A'];
    for (const key of objects) await store.put(key, bytesOf(key));
    for (const key of ['b/cell', 'c/cell']) await store.swapCell(key, bytesOf(key), null);
    const all = [...objects, 'b/cell', 'c/cell'].sort();
    const prefixes = ['', 'b', 'b/', 'b/1', 'b/c', 'b/cell', 'c/', 'B', 'd', 'b/1/', 'a/b/'];
    const ofNoKey = ['/', '/b', 'b//', 'b//1', './b', '../', 'b/../b'];
    for (const prefix of [...prefixes, ...ofNoKey]) {
      const expected = all.filter((key) => key.startsWith(prefix));
      assert.deepEqual(await keysOf(store, prefix), expected, `listed for "${prefix}"`);
    }
  },

  'list refuses a prefix that no key can have': async (store) => {
    for (const prefix of ['a b', 'ä', 'a%', 'x'.repeat(513)]) {
      await assertRejects(keysOf(store, prefix), ['INVALID_OPTION'], `Listing "${prefix}"`);
    }
  },

  'list says how large objects are': async (store) => {
    await store.put('large', new Uint8Array(100_000));
    await store.put('small', new Uint8Array(10));
    const listed: ListedObject[] = [];
    for await (const object of store.list('')) listed.push(object);
    const [large = 0, small = 0] = listed.map(({ size }) => size);
    assert.ok(large >= 100_000 && large < 110_000, `100000 bytes are listed as ${large}`);
    assert.ok(small >= 10 && small < 10_000, `10 bytes are listed as ${small}`);
  },

  [`list gives all of ${MANY} keys, and may be left early`]: async (store) => {
    const keys = Array.from({ length: MANY }, (_, index) => `many/${index % 7}/${index}`);
    await forEachKey(keys, (key) => store.put(key, bytesOf('x')));
    assert.deepEqual(await keysOf(store, 'many/'), keys.sort());
    for await (const { key } of store.list('many/')) {
      assert.equal(key, keys[0]);
      break;
    }
    assert.equal((await keysOf(store, 'many/3/')).length, MANY / 7 - ((MANY / 7) % 1));
    for (let from = 0; from < MANY; from += 1000) await store.delete(keys.slice(from, from + 1000));
    assert.deepEqual(await keysOf(store, ''), []);
  },

  'list gives all that stays, while others are written and deleted': async (store) => {
    const stay = Array.from({ length: 60 }, (_, index) => `stay-${index}`);
    await forEachKey(stay, (key) => store.put(key, bytesOf('x')));
    let version = await store.swapCell('stay-cell', bytesOf('0'), null);
    let isListing = true;
    const change = async () => {
      for (let round = 0; isListing; round++) {
        await store.put(`passing-${round}`, bytesOf('x'));
        version = await store.swapCell('stay-cell', bytesOf(`${round}`), version);
        if (round > 2) await store.delete([`passing-${round - 3}`]);
      }
    };
    const list = async () => {
      for (let round = 0; round < 20; round++) {
        assert.deepEqual(await keysOf(store, 'stay-'), [...stay, 'stay-cell'].sort());
        const all = await keysOf(store, '');
        assert.deepEqual(all, [...all].sort());
        assert.equal(new Set(all).size, all.length, 'A key is listed twice');
      }
    };
    await Promise.all([change(), list().finally(() => (isListing = false))]);
  },
};
