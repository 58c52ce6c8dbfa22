import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FileObjects } from '../../src/objects/file-objects.js';
import { disk } from './support/faulty-disk.js';
import { bytes, cellText, filesOf, newStore, reopened } from './support/store-files.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./support/faulty-disk.js')).throughFaultyDisk(await original()),
);
afterEach(() => disk.heal());

/** At its first call of this kind, one instance waits while `others` do their work. */
function meanwhile(store: FileObjects, call: string, target: RegExp, others: () => unknown): void {
  disk.interrupt(store.path, async (name, file) => {
    if (name !== call || !target.test(file)) return;
    disk.heal();
    await others();
  });
}

async function swapSeveralTimes(store: FileObjects, times: number): Promise<void> {
  for (let swap = 1; swap <= times; swap++) {
    const version = (await store.readCell('cell'))?.version ?? null;
    await store.swapCell('cell', bytes(`other ${swap}`), version);
  }
}

async function storeWithCell(): Promise<{ store: FileObjects; version: string }> {
  const store = await newStore();
  return { store, version: await store.swapCell('cell', bytes('first'), null) };
}

describe('a swap that is overtaken', () => {
  it.each([1, 2, 5])('by %i others, after it has written its value, conflicts', async (times) => {
    const { store, version } = await storeWithCell();
    meanwhile(store, 'rename', /\.current$/, () => swapSeveralTimes(reopened(store), times));
    const swap = store.swapCell('cell', bytes('slow'), version);
    await expect(swap).rejects.toMatchObject({ code: 'CELL_CONFLICT' });
    expect(await cellText(reopened(store), 'cell')).toBe(`other ${times}`);
    expect(filesOf(store).filter((file) => file.includes('.cell'))).toHaveLength(2);
  });

  it('by a deletion and a new cell conflicts', async () => {
    const { store, version } = await storeWithCell();
    meanwhile(store, 'rename', /\.current$/, async () => {
      await reopened(store).delete(['cell']);
      await swapSeveralTimes(reopened(store), 2);
    });
    const swap = store.swapCell('cell', bytes('slow'), version);
    await expect(swap).rejects.toMatchObject({ code: 'CELL_CONFLICT' });
    expect(await cellText(reopened(store), 'cell')).toBe('other 2');
  });

  it('in making the cell conflicts', async () => {
    const store = await newStore();
    await store.put('other', bytes('x'));
    meanwhile(store, 'rename', /temporary/, () => swapSeveralTimes(reopened(store), 3));
    const swap = store.swapCell('cell', bytes('slow'), null);
    await expect(swap).rejects.toMatchObject({ code: 'CELL_CONFLICT' });
    expect(await cellText(reopened(store), 'cell')).toBe('other 3');
    expect(filesOf(store).filter((file) => file.startsWith('temporary'))).toEqual([]);
  });

  it('after it has won has won, although others went on from its value', async () => {
    const { store, version } = await storeWithCell();
    let renamed = false;
    disk.interrupt(store.path, async (call) => {
      if (call === 'rename') renamed = true;
      else if (renamed) {
        disk.heal();
        await swapSeveralTimes(reopened(store), 3);
      }
    });
    await store.swapCell('cell', bytes('mine'), version);
    expect(await cellText(reopened(store), 'cell')).toBe('other 3');
  });

  it('has won when its answer got lost on the way from the file server', async () => {
    const { store, version } = await storeWithCell();
    disk.interrupt(store.path, (call, from) => {
      if (call !== 'rename') return;
      disk.heal();
      const to = readdirSync(path.dirname(from)).find((name) => name.startsWith('2-')) ?? '';
      const done = path.join(path.dirname(from), to.replace('.value', '.current'));
      rmSync(from);
      return import('node:fs').then(({ writeFileSync }) => writeFileSync(done, ''));
    });
    const next = await store.swapCell('cell', bytes('mine'), version);
    expect(await store.readCell('cell')).toEqual({ value: bytes('mine'), version: next });
  });
});

describe('a read that is overtaken', () => {
  it('by swaps that remove what it was about to read gives what is there now', async () => {
    const { store } = await storeWithCell();
    meanwhile(store, 'open', /\.value$/, () => swapSeveralTimes(reopened(store), 3));
    expect(await cellText(store, 'cell')).toBe('other 3');
  });

  it('by the deletion of the cell finds it not here', async () => {
    const { store } = await storeWithCell();
    meanwhile(store, 'open', /\.value$/, () => reopened(store).delete(['cell']));
    expect(await store.readCell('cell')).toBeNull();
  });

  it('while listing gives the key all the same', async () => {
    const { store } = await storeWithCell();
    meanwhile(store, 'lstat', /\.value$/, () => swapSeveralTimes(reopened(store), 3));
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['cell']);
  });
});

describe('a cell whose files were tampered with', () => {
  it.each([
    ['its value is gone', /\.value$/],
    ['its pointer is gone', /\.current$/],
  ])('is an error, not a cell that is not here, when %s', async (_, gone) => {
    const { store, version } = await storeWithCell();
    for (const file of filesOf(store)) if (gone.test(file)) rmSync(path.join(store.path, file));
    const damaged = { code: 'STORE_UNUSABLE', message: expect.stringContaining('cell.cell') };
    await expect(store.readCell('cell')).rejects.toMatchObject(damaged);
    if (!gone.test('.current')) return;
    await expect(store.swapCell('cell', bytes('x'), null)).rejects.toMatchObject(damaged);
    const swap = store.swapCell('cell', bytes('x'), version);
    await expect(swap).rejects.toMatchObject({ code: 'CELL_CONFLICT' });
  });
});

it('a put whose temporary file is taken away starts over', async () => {
  const store = await newStore();
  await store.put('other', bytes('x'));
  meanwhile(store, 'rename', /temporary/, () => {
    rmSync(path.join(store.path, 'temporary'), { recursive: true });
  });
  await store.put('object', bytes('kept'));
  expect(await reopened(store).get('object')).toEqual(bytes('kept'));
  expect(existsSync(path.join(store.path, 'temporary'))).toBe(true);
});

describe('what has been promised outlives a power cut:', () => {
  /** What has reached the disk when, in short words. */
  async function callsOf(store: FileObjects, work: () => Promise<unknown>): Promise<string[]> {
    const calls: string[] = [];
    disk.interrupt(store.path, (call, target) => {
      const where = /\.(value|current|deleted|bin)$/.exec(target)?.[0] ?? path.basename(target);
      const what = target.includes('temporary') ? 'temporary' : where;
      if (['writeFile', 'sync', 'rename', 'rm', 'unlink'].includes(call)) {
        calls.push(`${call} ${what}`);
      }
    });
    await work();
    disk.heal();
    return calls;
  }

  it('an object is on the disk before it has its name, and its name before put resolves', async () => {
    const store = await newStore();
    await store.put('packs/a', bytes('x'));
    expect(await callsOf(store, () => store.put('packs/b', bytes('x')))).toEqual([
      'writeFile temporary',
      'sync temporary',
      'rename temporary',
      'sync packs',
    ]);
  });

  it('so are the folders that a put makes', async () => {
    const store = await newStore();
    await store.put('packs/a', bytes('x'));
    const calls = await callsOf(store, () => store.put('packs/new/er/b', bytes('x')));
    expect(calls.slice(-4).sort()).toEqual([
      'rename temporary',
      'sync er',
      'sync new',
      'sync packs',
    ]);
    expect(calls.at(-1)).toBe('sync er');
  });

  it('a value is on the disk before it is current, and the pointer before the old value goes', async () => {
    const { store, version } = await storeWithCell();
    expect(await callsOf(store, () => store.swapCell('cell', bytes('x'), version))).toEqual([
      'writeFile .value',
      'sync .value',
      'rename .current',
      'sync cell.cell',
      'rm .value',
    ]);
  });

  it('a deletion is on the disk before it resolves', async () => {
    const { store } = await storeWithCell();
    await store.put('packs/a', bytes('x'));
    const calls = await callsOf(store, () => store.delete(['packs/a', 'cell']));
    expect(calls).toContain('unlink .bin');
    expect(calls.indexOf('sync packs')).toBeGreaterThan(calls.indexOf('unlink .bin'));
    expect(calls.indexOf('sync cell.cell')).toBeGreaterThan(calls.indexOf('rename .current'));
  });
});

describe('what is left of a cell that was deleted long ago', () => {
  const folderOf = (store: FileObjects) => path.join(store.path, 'keys', 'cell.cell');
  const list = async (store: FileObjects) => {
    for await (const _ of store.list('')) void _;
  };

  async function storeWithOldDeletedCell(): Promise<FileObjects> {
    const { store } = await storeWithCell();
    await store.delete(['cell']);
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(folderOf(store), yesterday, yesterday);
    return store;
  }

  it('goes with a listing, and not before', async () => {
    const { store } = await storeWithCell();
    await list(store);
    expect(await cellText(store, 'cell')).toBe('first');
    await store.delete(['cell']);
    await list(store);
    expect(existsSync(folderOf(store))).toBe(true);
    const old = await storeWithOldDeletedCell();
    await list(old);
    expect(existsSync(folderOf(old))).toBe(false);
    await swapSeveralTimes(old, 1);
    expect(await cellText(old, 'cell')).toBe('other 1');
  });

  it.each([
    ['before its pointer goes', 'unlink', /\.deleted$/],
    ['before its folder goes', 'rmdir', /\.cell$/],
  ])('stays when it is written %s', async (_, call, target) => {
    const store = await storeWithOldDeletedCell();
    meanwhile(store, call, target, () => swapSeveralTimes(reopened(store), 1));
    await list(store);
    expect(await cellText(reopened(store), 'cell')).toBe('other 1');
    await swapSeveralTimes(store, 1);
    expect(await cellText(store, 'cell')).toBe('other 1');
  });

  it('does not keep anybody from writing it who was about to', async () => {
    const store = await storeWithOldDeletedCell();
    meanwhile(store, 'rename', /\.deleted$/, () => list(reopened(store)));
    await store.swapCell('cell', bytes('slow'), null);
    expect(await cellText(reopened(store), 'cell')).toBe('slow');
  });

  it('is no cell when its folder is empty, and takes a new one', async () => {
    const store = await storeWithOldDeletedCell();
    meanwhile(store, 'rmdir', /\.cell$/, () => {
      throw new Error('killed');
    });
    await list(store);
    expect(readdirSync(folderOf(store))).toEqual([]);
    expect(await store.readCell('cell')).toBeNull();
    await swapSeveralTimes(reopened(store), 1);
    expect(await cellText(store, 'cell')).toBe('other 1');
  });
});
