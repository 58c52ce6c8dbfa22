import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import { objectStoreContract } from '../../src/testing/index.js';

describe('MemoryStore', () => {
  for (const { name, run } of objectStoreContract({ create: () => new MemoryStore() })) {
    it(name, run);
  }

  it('shares nothing with another', async () => {
    const version = await new MemoryStore().swapCell('cell', new Uint8Array(), null);
    const other = new MemoryStore();
    expect(await other.readCell('cell')).toBeNull();
    expect(await other.swapCell('cell', new Uint8Array(), null)).not.toBe(version);
  });
});
