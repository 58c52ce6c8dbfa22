import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileStore, type FileStoreOptions, type ObjectStore } from '../../src/index.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

// The contract is tested on what it extends, in test/objects/.
describe('FileStore', () => {
  it('keeps in its folder what another finds there', async () => {
    const folder = path.join(await temporaryFolder(), 'store');
    const store = new FileStore({ path: folder });
    await store.put('packs/a', Uint8Array.of(1));
    await store.swapCell('head', Uint8Array.of(2), null);
    const other: ObjectStore = new FileStore({ path: folder });
    expect(await other.get('packs/a')).toEqual(Uint8Array.of(1));
    expect((await other.readCell('head'))?.value).toEqual(Uint8Array.of(2));
  });

  it('knows its folder by its whole path, whatever the working directory is later', () => {
    expect(new FileStore({ path: 'some/store' }).path).toBe(path.resolve('some/store'));
  });

  it.each([
    ['no options', undefined, /Options must be an object/],
    ['no path', {}, /FileStore needs a folder/],
    ['a path that is none', { path: 7 }, /FileStore\.path must be the path of a folder/],
    ['an empty path', { path: '' }, /FileStore\.path must be the path of a folder/],
    ['a mistyped option', { path: 'a', folder: 'a' }, /no option FileStore\.folder/],
  ])('refuses %s', (_, options, message) => {
    const make = () => new FileStore(options as FileStoreOptions);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(make).toThrow(message);
  });
});
