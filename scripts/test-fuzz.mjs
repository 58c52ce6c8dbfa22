// The full count of damaged inputs for the readers of LevelDB's formats, or with --api of odd
// requests to the API of `holdfast serve`; `npm test` runs a short form of both. A failure prints
// the seed that replays it:
//
//   npm run test:fuzz -- --inputs 1000000
//   npm run test:fuzz -- --inputs 1 --seed 123
//   npm run test:fuzz -- --api --inputs 20000

import { parseArgs } from 'node:util';

const { api, inputs, seed } = parseArgs({
  options: {
    api: { type: 'boolean', default: false },
    inputs: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
}).values;

process.env.HOLDFAST_FUZZ_INPUTS = inputs ?? (api ? '20000' : '1000000');
process.env.HOLDFAST_FUZZ_SEED = seed;
process.argv = [
  ...process.argv.slice(0, 2),
  'test',
  api ? 'test/server/fuzz-api.test.ts' : 'test/profile/leveldb/fuzz-real-bytes.test.ts',
];
await import('./bootstrap.mjs');
