import { defineConfig } from 'vitest/config';

// Tests on real guests (QEMU): `pnpm test:real`. Two files at a time, each with one guest most of the time: two guests that boot at once on two
// processors are sooner done than one after the other. Waits end by what happens; the limits are for a machine that does other work as well.
export default defineConfig({
  test: {
    include: ['packages/*/test/real/**/*.test.ts'],
    globalSetup: ['packages/lab/test/real/build-images.ts'],
    passWithNoTests: false,
    maxWorkers: 2,
    testTimeout: 900_000,
    hookTimeout: 900_000,
    disableConsoleIntercept: true,
  },
});
