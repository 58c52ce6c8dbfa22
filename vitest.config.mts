import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/services/global-setup.ts'],
    testTimeout: 60_000,
    // The first `beforeAll` that asks for a server waits for its download.
    hookTimeout: 300_000,
    // A busy machine may take more than the usual second to get to something.
    expect: { poll: { timeout: 20_000 } },
    // Two browsers at once is what a 2-core machine can carry without timing noise.
    maxWorkers: 2,
    // What users load is the build; vitest must run it as it is, not transform it.
    server: { deps: { external: [/\/dist\//] } },
  },
});
