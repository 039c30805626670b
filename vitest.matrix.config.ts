import { defineConfig } from 'vitest/config';

// Long tests that cut, break and race whole runs: `pnpm test:matrix`, up to a quarter of an hour on two cores.
export default defineConfig({
  test: {
    include: ['packages/*/test/matrix/**/*.matrix.ts'],
    passWithNoTests: false,
    maxWorkers: 2,
    maxConcurrency: 4,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
