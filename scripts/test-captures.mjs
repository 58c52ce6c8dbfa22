// The full counts of captures of a browser that writes 12 MB/s, and of captures at the moment of ready,
// of which `npm test` runs short forms:
//
//   npm run test:captures -- --rounds 300 --ready 20

import { parseArgs } from 'node:util';

const { rounds, ready } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    ready: { type: 'string', default: '20' },
  },
}).values;

process.env.HOLDFAST_CAPTURE_ROUNDS = rounds;
process.env.HOLDFAST_READY_ROUNDS = ready;
process.argv = [
  ...process.argv.slice(0, 2),
  'test',
  // One after the other: a second browser would take from the first what it should write.
  '--no-file-parallelism',
  'test/profile/capture/capture-rounds.test.ts',
  'test/snapshot/at-ready.test.ts',
];
await import('./bootstrap.mjs');
