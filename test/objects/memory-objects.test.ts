import { describe, it } from 'vitest';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import { objectStoreContract } from '../../src/testing/index.js';

describe('MemoryObjects', () => {
  for (const { name, run } of objectStoreContract({ create: () => new MemoryObjects() })) {
    it(name, run);
  }
});
