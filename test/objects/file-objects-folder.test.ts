import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileObjects } from '../../src/objects/file-objects.js';
import { bytes, cellText, filesOf, newStore, reopened } from './support/store-files.js';

async function keysOf(store: FileObjects): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

describe('the files of a store', () => {
  it('have names to recognise the keys by', async () => {
    const store = await newStore();
    for (const key of ['packs/RemoteAuth/1-1-0', 'packs/RemoteAuth-Sales/1-1-0', 'nul.txt']) {
      await store.put(key, bytes(key));
    }
    await store.swapCell('sessions/RemoteAuth/head', bytes('x'), null);
    expect(filesOf(store)).toEqual([
      'holdfast-store.json',
      'keys/%6Eul.txt.bin',
      'keys/packs/RemoteAuth-%53ales/1-1-0.bin',
      'keys/packs/RemoteAuth/1-1-0.bin',
      expect.stringMatching(/^keys\/sessions\/RemoteAuth\/head\.cell\/1-[0-9a-f]{16}\.current$/),
      expect.stringMatching(/^keys\/sessions\/RemoteAuth\/head\.cell\/1-[0-9a-f]{16}\.value$/),
    ]);
  });

  it('never differ in capitals alone, nor have names that Windows reserves', async () => {
    const store = await newStore();
    const parts = [
      'RemoteAuth',
      'remoteauth',
      'REMOTEAUTH',
      'remoteAuth',
      'a',
      'A',
      'a.bin',
      'a.BIN',
    ];
    const reserved = ['con', 'CON', 'nul.txt', 'com1', 'lpt9.x', 'dot.', 'Dot.'];
    const keys = [...parts, ...reserved].flatMap((part) => [part, `${part}/below`]);
    for (const key of keys) await store.put(key, bytes(key));
    for (const key of keys) await store.swapCell(`${key}/head`, bytes(key), null);
    const folded = readdirSync(path.join(store.path, 'keys'), { recursive: true }).map((name) =>
      String(name).toLowerCase(),
    );
    expect(new Set(folded).size).toBe(folded.length);
    for (const name of folded.flatMap((file) => file.split(path.sep))) {
      expect(name).not.toMatch(/^(con|nul|com1|lpt9)(\.|$)|[. ]$/);
    }
  });

  it('are listed only if they are ours', async () => {
    const store = await newStore();
    await store.put('packs/a', bytes('x'));
    const folder = path.join(store.path, 'keys', 'packs');
    for (const name of ['.DS_Store', 'a (copy).bin', 'B.bin', '%61.bin', 'Thumbs.db', '%zz.bin']) {
      writeFileSync(path.join(folder, name), '');
    }
    mkdirSync(path.join(folder, '@eaDir'));
    expect(await keysOf(store)).toEqual(['packs/a']);
  });

  it.skipIf(process.platform === 'win32')('are for the owner only', async () => {
    const store = await newStore();
    await store.put('packs/a', bytes('x'));
    const version = await store.swapCell('sessions/head', bytes('x'), null);
    await store.swapCell('sessions/head', bytes('y'), version);
    const entries = readdirSync(store.path, { recursive: true, withFileTypes: true });
    expect(statSync(store.path).mode & 0o777).toBe(0o700);
    for (const entry of entries) {
      const mode = statSync(path.join(entry.parentPath, entry.name)).mode & 0o777;
      expect([entry.name, mode]).toEqual([entry.name, entry.isDirectory() ? 0o700 : 0o600]);
    }
  });

  it('of a deleted cell hold nothing of its value', async () => {
    const store = await newStore();
    await store.swapCell('cell', bytes('secret'), null);
    await store.delete(['cell']);
    for (const file of filesOf(store).filter((name) => name.startsWith('keys'))) {
      expect(statSync(path.join(store.path, file)).size).toBe(0);
    }
  });
});

describe('a folder that is not there', () => {
  it('is a store without anything, and is not made by reading', async () => {
    const store = await newStore();
    expect(await store.get('a')).toBeNull();
    expect(await store.readCell('a')).toBeNull();
    expect(await keysOf(store)).toEqual([]);
    await store.delete(['a']);
    await expect(store.swapCell('a', bytes('x'), '1-0123456789abcdef')).rejects.toMatchObject({
      code: 'CELL_CONFLICT',
    });
    expect(filesOf(reopened(store)).filter((file) => file.startsWith('keys'))).toEqual([]);
  });

  it('is made by the first write, also by several at once', async () => {
    const store = await newStore();
    const writers = Array.from({ length: 10 }, (_, index) =>
      reopened(store).put(`object-${index}`, bytes(`${index}`)),
    );
    await Promise.all(writers);
    expect(await keysOf(store)).toHaveLength(10);
  });

  it('is an error when the one above it is not there either', async () => {
    const store = new FileObjects({ path: path.join((await newStore()).path, 'below') });
    const unreachable = { code: 'STORE_UNREACHABLE', message: expect.stringContaining('Mount') };
    await expect(store.get('a')).rejects.toMatchObject(unreachable);
    await expect(store.readCell('a')).rejects.toMatchObject(unreachable);
    await expect(keysOf(store)).rejects.toMatchObject(unreachable);
    await expect(store.put('a', bytes('x'))).rejects.toMatchObject(unreachable);
  });
});

describe('a disk that is taken away', () => {
  async function emptyMountPoint(store: FileObjects): Promise<() => void> {
    const away = `${store.path}-away`;
    renameSync(store.path, away);
    mkdirSync(store.path);
    return () => {
      rmSync(store.path, { recursive: true });
      renameSync(away, store.path);
    };
  }

  it('leaves an empty folder that is not taken for the store, nor written to', async () => {
    const writer = await newStore();
    await writer.put('packs/a', bytes('x'));
    await writer.swapCell('head', bytes('x'), null);
    const reader = reopened(writer);
    expect(await cellText(reader, 'head')).toBe('x');
    const mountAgain = await emptyMountPoint(writer);
    for (const store of [writer, reader]) {
      const gone = { code: 'STORE_UNREACHABLE', transient: true };
      await expect(store.get('packs/a')).rejects.toMatchObject(gone);
      await expect(store.readCell('head')).rejects.toMatchObject(gone);
      await expect(keysOf(store)).rejects.toMatchObject(gone);
      await expect(store.put('packs/b', bytes('x'))).rejects.toMatchObject(gone);
      await expect(store.swapCell('head', bytes('x'), null)).rejects.toMatchObject(gone);
      await expect(store.delete(['packs/a'])).rejects.toMatchObject(gone);
    }
    expect(readdirSync(writer.path)).toEqual([]);
    mountAgain();
    expect(await cellText(reader, 'head')).toBe('x');
    await writer.put('packs/b', bytes('x'));
  });
});

describe('a folder that is something else', () => {
  async function storeWith(marker: string | null): Promise<FileObjects> {
    const store = await newStore();
    await store.put('a', bytes('x'));
    const file = path.join(store.path, 'holdfast-store.json');
    if (marker === null) rmSync(file);
    else writeFileSync(file, marker);
    return reopened(store);
  }

  it.each([
    ['of a newer format', '{"format":2}', 'FORMAT_UNSUPPORTED', 'format 2'],
    ['with a damaged marker', '{"form', 'STORE_UNUSABLE', 'damaged'],
    ['with keys but no marker', null, 'STORE_UNUSABLE', 'has lost its holdfast-store.json'],
  ])('%s is refused', async (_, marker, code, message) => {
    const store = await storeWith(marker);
    const refused = { code, message: expect.stringContaining(message) };
    await expect(store.get('a')).rejects.toMatchObject(refused);
    await expect(store.put('b', bytes('x'))).rejects.toMatchObject(refused);
    await expect(keysOf(store)).rejects.toMatchObject(refused);
  });

  it('a file in its place is refused', async () => {
    const store = await newStore();
    writeFileSync(store.path, '');
    for (const call of [store.get('a'), store.put('a', bytes('x')), keysOf(store)]) {
      await expect(call).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    }
  });
});
