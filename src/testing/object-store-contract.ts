import type { ObjectStore } from '../objects/object-store.js';
import { cellChecks } from './cell-checks.js';
import type { Check, ContractTest, ObjectStoreContractOptions } from './contract-test.js';
import { keyChecks } from './key-checks.js';
import { listChecks } from './list-checks.js';
import { objectChecks } from './object-checks.js';
import { checkBroken, sharingChecks } from './place-checks.js';

/**
 * The contract of an `ObjectStore` as tests, for any test runner. A store of your own that passes
 * them keeps sessions as ours do. Give `reopen` and `breakStore` too, if you can: what they open
 * up is where stores lose data.
 *
 * The longest test writes 2,500 objects; against a service, give the runner a minute per test.
 *
 * @example
 * import { objectStoreContract } from 'holdfast/testing';
 *
 * const suite = objectStoreContract({
 *   create: () => new MyStore({ bucket: `test-${randomUUID()}` }),
 *   reopen: (store) => new MyStore({ bucket: store.bucket }),
 *   breakStore: (store) => store.connection.close(),
 * });
 * for (const { name, run } of suite) it(name, run);
 */
export function objectStoreContract(options: ObjectStoreContractOptions): ContractTest[] {
  const { create, reopen, breakStore, dispose } = options;
  const tests: ContractTest[] = [];

  const add = (name: string, check: (store: ObjectStore, used: ObjectStore[]) => Promise<void>) => {
    const run = async () => {
      const store = await create();
      const used = [store];
      try {
        await check(store, used);
      } finally {
        for (const each of used) await dispose?.(each);
      }
    };
    tests.push({ name, run });
  };

  const single: Record<string, Check> = {
    ...objectChecks,
    ...keyChecks,
    ...listChecks,
    ...cellChecks,
  };
  for (const [name, check] of Object.entries(single)) add(name, check);

  if (reopen !== undefined) {
    for (const [name, check] of Object.entries(sharingChecks)) {
      add(name, async (store, used) => {
        const other = await reopen(store);
        used.push(other);
        await check(store, other);
      });
    }
  }
  if (breakStore !== undefined) {
    add('a store that cannot be asked says so, and never that it is empty', (store) =>
      checkBroken(store, () => breakStore(store)),
    );
  }
  return tests;
}
