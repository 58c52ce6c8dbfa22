import assert from 'node:assert/strict';
import type { ObjectStore } from '../objects/object-store.js';
import { assertBytes, assertRejects, bytesOf, type Check, keysOf } from './contract-test.js';

/** Keys that a backend may take for each other, or for something else. */
const HARD_KEYS = [
  'a',
  'a/b',
  'a/b/c',
  'a.b',
  'a-b',
  'a_b',
  'A',
  'A/b',
  'a/B',
  'RemoteAuth',
  'remoteauth',
  'REMOTEAUTH',
  'RemoteAuth-sales',
  'RemoteAuth-Sales',
  '.hidden',
  '..hidden',
  '...',
  'dot.',
  'dot',
  '-',
  '_',
  '0',
  '00',
  'con',
  'nul.txt',
  'aux/com1',
  'constructor',
  '__proto__',
  'a.bin',
  'a.bin/b',
  'a.cell',
  'a.cell/b',
  'a.json',
  'a.zip',
  'head',
  'x'.repeat(80),
  'x'.repeat(81),
  'x'.repeat(255),
  `${'x'.repeat(80)}/y`,
  'y'.repeat(512),
  'Y'.repeat(512),
  `${'z/'.repeat(255)}zz`,
];

const BAD_KEYS = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  'a/.',
  'a/..',
  './a',
  '../a',
  'a/../b',
  'a b',
  'a\\b',
  'a\0',
  'a\n',
  'ä',
  '\u{1f511}',
  'a%2fb',
  'a~',
  'a:b',
  'a*',
  'x'.repeat(513),
];

export const keyChecks: Record<string, Check> = {
  'keys that look alike are different objects': async (store) => {
    for (const key of HARD_KEYS) await store.put(key, bytesOf(`object ${key}`));
    for (const key of HARD_KEYS) {
      assertBytes(await store.get(key), bytesOf(`object ${key}`), `The object ${key}`);
    }
    assert.deepEqual(await keysOf(store, ''), [...HARD_KEYS].sort());
  },

  'keys that look alike are different cells': async (store) => {
    for (const key of HARD_KEYS) await store.swapCell(key, bytesOf(`cell ${key}`), null);
    for (const key of HARD_KEYS) {
      const cell = await store.readCell(key);
      assertBytes(cell?.value ?? null, bytesOf(`cell ${key}`), `The cell ${key}`);
    }
    assert.deepEqual(await keysOf(store, ''), [...HARD_KEYS].sort());
  },

  'keys with other characters, empty or dotted parts, or too long are refused': async (store) => {
    for (const key of BAD_KEYS) {
      const shown = JSON.stringify(key);
      for (const [method, call] of callsWith(store, key)) {
        await assertRejects(call(), ['INVALID_OPTION'], `${method} with the key ${shown}`);
      }
    }
    assert.deepEqual(await keysOf(store, ''), []);
  },
};

function callsWith(store: ObjectStore, key: string): [string, () => Promise<unknown>][] {
  return [
    ['get', () => store.get(key)],
    ['put', () => store.put(key, bytesOf('x'))],
    ['delete', () => store.delete(['good', key])],
    ['readCell', () => store.readCell(key)],
    ['swapCell', () => store.swapCell(key, bytesOf('x'), null)],
  ];
}
