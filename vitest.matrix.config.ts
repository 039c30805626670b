import { defineConfig } from 'vitest/config';

const common = { passWithNoTests: false, testTimeout: 300_000, hookTimeout: 300_000 };

// Long tests that cut, break and race whole runs: `pnpm test:matrix`, a quarter of an hour on two cores. A run mostly waits, for the lab and for guests that
// boot, so many go on at once; those of the command line are processes and want more of a processor each than embedded ones.
export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...common,
          name: 'processes',
          include: ['packages/*/test/matrix/**/crash-*.matrix.ts'],
          maxConcurrency: 10,
        },
      },
      {
        test: {
          ...common,
          name: 'embedded',
          include: ['packages/*/test/matrix/**/{fault-*,race}.matrix.ts'],
          maxConcurrency: 40,
        },
      },
    ],
  },
});
