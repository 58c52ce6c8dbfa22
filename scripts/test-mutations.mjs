// The full count of changes to single objects of a store, of which `npm test` runs a short form:
//
//   npm run test:mutations -- --count 100000 [--seed 1]

import { parseArgs } from 'node:util';

const { count, seed } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
}).values;

process.env.HOLDFAST_MUTATIONS = count;
process.env.HOLDFAST_MUTATION_SEED = seed;
process.argv = [...process.argv.slice(0, 2), 'test', 'test/snapshot/mutations.test.ts'];
await import('./bootstrap.mjs');
