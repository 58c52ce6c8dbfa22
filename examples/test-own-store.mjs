import test from 'node:test';
import { MemoryStore } from 'holdfast'; // your store in its place
import { objectStoreContract } from 'holdfast/testing';

for (const { name, run } of objectStoreContract({ create: () => new MemoryStore() })) {
  test(name, run);
}
