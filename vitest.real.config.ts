import { defineConfig } from 'vitest/config';

// Tests on real guests (QEMU): `pnpm test:real`. One file after the other, since each guest wants both processors.
export default defineConfig({
  test: {
    include: ['packages/*/test/real/**/*.test.ts'],
    passWithNoTests: false,
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 900_000,
    disableConsoleIntercept: true,
  },
});
