import assert from 'node:assert/strict';
import { MAX_OBJECT_BYTES } from '../objects/object-store.js';
import { assertBytes, assertRejects, bytesOf, type Check, manyBytes } from './contract-test.js';

export const objectChecks: Record<string, Check> = {
  'get gives the bytes that were put, whatever they are': async (store) => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
    const invalidText = Uint8Array.of(0xff, 0xfe, 0, 0x0d, 0x0a, 0xc3);
    await store.put('bytes/every', everyByte);
    await store.put('bytes/no-text', invalidText);
    await store.put('bytes/empty', new Uint8Array());
    assertBytes(await store.get('bytes/every'), everyByte, 'The object of every byte');
    assertBytes(await store.get('bytes/no-text'), invalidText, 'The object of no text');
    assertBytes(await store.get('bytes/empty'), new Uint8Array(), 'The empty object');
  },

  'get gives null for an object that is not here': async (store) => {
    assert.equal(await store.get('nothing'), null);
    assert.equal(await store.get('nothing', { start: 0, end: 1 }), null);
    await store.put('folder/object', bytesOf('x'));
    for (const key of ['folder', 'folder/objec', 'folder/object/below', 'folder/object2']) {
      assert.equal(await store.get(key), null, `${key} must not be here`);
    }
  },

  'get gives a range, and of one past the end what there is': async (store) => {
    await store.put('object', bytesOf('0123456789'));
    const expected: [start: number, end: number, text: string][] = [
      [0, 10, '0123456789'],
      [0, 1, '0'],
      [3, 7, '3456'],
      [9, 10, '9'],
      [8, 20, '89'],
      [5, 5, ''],
      [10, 12, ''],
      [50, 60, ''],
      [0, MAX_OBJECT_BYTES, '0123456789'],
    ];
    for (const [start, end, text] of expected) {
      const got = await store.get('object', { start, end });
      assertBytes(got, bytesOf(text), `The range ${start} to ${end}`);
    }
    await store.put('empty', new Uint8Array());
    assertBytes(await store.get('empty', { start: 0, end: 5 }), new Uint8Array(), 'Its range');
  },

  'get refuses a range that is none': async (store) => {
    await store.put('object', bytesOf('0123456789'));
    for (const [start, end] of [
      [-1, 3],
      [5, 4],
      [0.5, 2],
      [0, Number.NaN],
    ] as const) {
      const got = store.get('object', { start, end });
      await assertRejects(got, ['INVALID_OPTION'], `The range ${start} to ${end}`);
    }
  },

  'put keeps as much as 8 MiB, and refuses more': async (store) => {
    const largest = manyBytes(MAX_OBJECT_BYTES);
    await store.put('largest', largest);
    assertBytes(await store.get('largest'), largest, 'The largest object');
    const end = { start: MAX_OBJECT_BYTES - 3, end: MAX_OBJECT_BYTES + 3 };
    assertBytes(await store.get('largest', end), largest.subarray(-3), 'Its end');
    const tooLarge = store.put('too-large', new Uint8Array(MAX_OBJECT_BYTES + 1));
    await assertRejects(tooLarge, ['INVALID_OPTION'], 'Putting a byte more');
    assert.equal(await store.get('too-large'), null);
  },

  'put brings the same bytes again without harm, also at once': async (store) => {
    const bytes = manyBytes(100_000);
    await store.put('object', bytes);
    await store.put('object', bytes);
    await Promise.all(Array.from({ length: 5 }, () => store.put('object', bytes)));
    assertBytes(await store.get('object'), bytes, 'The object');
  },

  'put and get share no memory with the caller': async (store) => {
    const bytes = bytesOf('kept');
    await store.put('object', bytes);
    bytes.fill(0);
    (await store.get('object'))?.fill(0);
    assertBytes(await store.get('object'), bytesOf('kept'), 'The object');
    const around = bytesOf('around the view');
    await store.put('view', around.subarray(7, 10));
    assertBytes(await store.get('view'), bytesOf('the'), 'The view');
  },

  'delete removes objects, and one that is not here is no error': async (store) => {
    await store.delete(['never-was']);
    await store.delete([]);
    for (const key of ['a', 'a/b', 'c']) await store.put(key, bytesOf(key));
    await store.delete(['a', 'never-was', 'c', 'c']);
    assert.equal(await store.get('a'), null);
    assert.equal(await store.get('c'), null);
    assertBytes(await store.get('a/b'), bytesOf('a/b'), 'The object a/b');
    await store.put('a', bytesOf('again'));
    assertBytes(await store.get('a'), bytesOf('again'), 'The object that was put again');
  },
};
