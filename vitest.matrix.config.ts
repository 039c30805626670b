import { defineConfig } from 'vitest/config';

// Long tests that cut, break and race whole runs: `pnpm test:matrix`, up to a quarter of an hour.
export default defineConfig({
  test: {
    include: ['packages/*/test/matrix/**/*.matrix.ts'],
    passWithNoTests: false,
    fileParallelism: false,
    maxConcurrency: 3,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
