// The archive of more than 4 GiB, which takes a minute and 9 GB of disk for a while; `npm test` runs
// the rest of these tests:
//
//   npm run test:large

process.env.HOLDFAST_LARGE_TESTS = '1';
process.argv = [...process.argv.slice(0, 2), 'test', 'test/snapshot/archive/large.test.ts'];
await import('./bootstrap.mjs');
