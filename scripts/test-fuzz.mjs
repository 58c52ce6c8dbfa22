// The full count of damaged inputs for the readers of LevelDB's formats, of which `npm test` runs
// a short form. A failure prints the seed that replays it alone:
//
//   npm run test:fuzz -- --inputs 1000000
//   npm run test:fuzz -- --inputs 1 --seed 123

import { parseArgs } from 'node:util';

const { inputs, seed } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
}).values;

process.env.HOLDFAST_FUZZ_INPUTS = inputs;
process.env.HOLDFAST_FUZZ_SEED = seed;
process.argv = [
  ...process.argv.slice(0, 2),
  'test',
  'test/profile/leveldb/fuzz-real-bytes.test.ts',
];
await import('./bootstrap.mjs');
