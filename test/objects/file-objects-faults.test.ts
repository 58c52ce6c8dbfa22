import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FileObjects } from '../../src/objects/file-objects.js';
import { disk } from './support/faulty-disk.js';
import { bytes, cellText, filesOf, newStore, reopened } from './support/store-files.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./support/faulty-disk.js')).throughFaultyDisk(await original()),
);
afterEach(() => disk.heal());

const OBJECT = 'packs/RemoteAuth/1-1-0';
const CELL = 'sessions/RemoteAuth/head';
const large = new Uint8Array(300_000).fill(7);

interface Scenario {
  prepare(store: FileObjects): Promise<unknown>;
  act(store: FileObjects): Promise<unknown>;
  before: string | null;
  after: string | null;
}

const cellAt = async (store: FileObjects) => (await store.readCell(CELL))?.version ?? null;
const swap = async (store: FileObjects, text: string) =>
  store.swapCell(CELL, bytes(text), await cellAt(store));
const writeOther = (store: FileObjects) => store.put('other', bytes('other'));

const putting = {
  act: (store: FileObjects) => store.put(OBJECT, large),
  after: 'whole',
};
const swapping = { act: (store: FileObjects) => swap(store, 'new'), after: 'new' };

const objectScenarios: Record<string, Scenario> = {
  'the first put of a store': { prepare: async () => undefined, before: null, ...putting },
  'the first put in a folder': { prepare: writeOther, before: null, ...putting },
  'a second put': {
    prepare: (store) => store.put(OBJECT, large),
    before: 'whole',
    ...putting,
  },
  'the deletion of an object': {
    prepare: (store) => store.put(OBJECT, large),
    act: (store) => store.delete([OBJECT]),
    before: 'whole',
    after: null,
  },
};
const cellScenarios: Record<string, Scenario> = {
  'the first swap of a store': { prepare: async () => undefined, before: null, ...swapping },
  'the first swap of a cell': { prepare: writeOther, before: null, ...swapping },
  'a swap': { prepare: (store) => swap(store, 'old'), before: 'old', ...swapping },
  'a swap of a deleted cell': {
    prepare: async (store) => {
      await swap(store, 'old');
      await store.delete([CELL]);
    },
    before: null,
    ...swapping,
  },
  'the deletion of a cell': {
    prepare: (store) => swap(store, 'old'),
    act: (store) => store.delete([CELL]),
    before: 'old',
    after: null,
  },
};
const scenarios = Object.entries({ ...objectScenarios, ...cellScenarios });

/** What is there now, as another process reads it; whatever it is, it must be whole. */
async function stateOf(store: FileObjects): Promise<string | null> {
  const other = reopened(store);
  const object = await other.get(OBJECT);
  if (object !== null) expect(Buffer.from(object).equals(large)).toBe(true);
  const cell = await cellText(other, CELL);
  const listed: string[] = [];
  for await (const { key } of other.list('')) if (key !== 'other') listed.push(key);
  const expected = [...(object === null ? [] : [OBJECT]), ...(cell === null ? [] : [CELL])];
  expect(listed).toEqual(expected);
  return object === null ? cell : 'whole';
}

/** Does it once for every call it makes of the disk, until none is left to fail. */
async function forEveryCall(
  { prepare, act }: Scenario,
  arm: (folder: string, nth: number) => void,
  check: (store: FileObjects, error: unknown) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    const first = await newStore();
    await prepare(first);
    const store = reopened(first);
    arm(store.path, nth);
    const error = await act(store).then(
      () => null,
      (reason: unknown) => reason,
    );
    disk.heal();
    if (error === null) return nth - 1;
    await check(store, error);
  }
}

describe('a disk that is full at any call', () => {
  it.each(scenarios)('in %s is STORE_FULL and leaves no half', async (_, scenario) => {
    const failed = await forEveryCall(
      scenario,
      (folder, nth) => disk.failOnce(folder, nth, 'ENOSPC'),
      async (store, error) => {
        expect(error).toMatchObject({ code: 'STORE_FULL', transient: true });
        const state = await stateOf(store);
        expect([scenario.before, scenario.after]).toContain(state);
        expect(filesOf(store).filter((file) => file.startsWith('temporary/'))).toEqual([]);
        // The pointer and its value; the value before may wait for the next swap.
        const cell = filesOf(store).filter((file) => file.includes('head.cell'));
        expect(cell.length).toBeLessThanOrEqual(state === scenario.before ? 2 : 3);
        await scenario.act(store);
        expect(await stateOf(store)).toBe(scenario.after);
      },
    );
    expect(failed).toBeGreaterThan(0);
  });
});

describe('a process that dies at any call', () => {
  it.each(scenarios)('in %s leaves what was or what is to be', async (_, scenario) => {
    const failed = await forEveryCall(
      scenario,
      (folder, nth) => disk.dieAt(folder, nth),
      async (store) => {
        expect([scenario.before, scenario.after]).toContain(await stateOf(store));
        await scenario.act(reopened(store));
        expect(await stateOf(store)).toBe(scenario.after);
        // Of a cell nothing is left but the pointer and its value.
        const cell = filesOf(store).filter((file) => file.includes('head.cell'));
        expect(cell.length).toBeLessThanOrEqual(scenario.after === null ? 1 : 2);
      },
    );
    expect(failed).toBeGreaterThan(2);
  });
});

describe('errors of the disk', () => {
  it.each([
    ['EDQUOT', 'STORE_FULL', true, /quota/],
    ['EIO', 'STORE_UNREACHABLE', true, /failed to read or write/],
    ['ESTALE', 'STORE_UNREACHABLE', true, /server/],
    ['EMFILE', 'STORE_UNREACHABLE', true, /too many files open/],
    ['EACCES', 'STORE_UNUSABLE', false, /give it the right/],
    ['EROFS', 'STORE_UNUSABLE', false, /read-only/],
    ['EWHATEVER', 'STORE_UNUSABLE', false, /EWHATEVER/],
  ])('%s is %s', async (errno, code, transient, message) => {
    const store = await newStore();
    disk.failOnce(store.path, 1, errno);
    const put = store.put(OBJECT, large);
    await expect(put).rejects.toMatchObject({
      code,
      transient,
      message: expect.stringMatching(message),
    });
    await expect(put).rejects.toThrow(store.path);
  });
});
