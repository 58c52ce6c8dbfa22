import { rename } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'vitest';
import { FileObjects } from '../../src/objects/file-objects.js';
import { objectStoreContract } from '../../src/testing/index.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

const suite = objectStoreContract({
  create: async () => new FileObjects({ path: path.join(await temporaryFolder(), 'store') }),
  reopen: (store) => new FileObjects({ path: (store as FileObjects).path }),
  // What a disk that is taken away leaves.
  breakStore: async (store) => {
    const { path } = store as FileObjects;
    await rename(path, `${path}-away`);
  },
});

describe('FileObjects', () => {
  for (const { name, run } of suite) it(name, run);
});
