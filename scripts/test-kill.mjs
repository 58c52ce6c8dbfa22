// The full count of kill -9 under load, of which `npm test` runs a short form:
//
//   npm run test:kill -- --rounds 20

import { parseArgs } from 'node:util';

const { rounds } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } }).values;

process.env.HOLDFAST_KILL_ROUNDS = rounds;
process.argv = [...process.argv.slice(0, 2), 'test', 'test/auth/kill-rounds.test.ts'];
await import('./bootstrap.mjs');
