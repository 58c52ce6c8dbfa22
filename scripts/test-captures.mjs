// The full count of captures of a browser that writes 12 MB/s, of which `npm test` runs a short form:
//
//   npm run test:captures -- --rounds 300

import { parseArgs } from 'node:util';

const { rounds } = parseArgs({ options: { rounds: { type: 'string', default: '300' } } }).values;

process.env.HOLDFAST_CAPTURE_ROUNDS = rounds;
process.argv = [...process.argv.slice(0, 2), 'test', 'test/profile/capture/capture-rounds.test.ts'];
await import('./bootstrap.mjs');
