import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The file that takes longest begins first: it would otherwise end long after the others. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.includes('/packages/features/');
    const others = files.filter((file) => !isLongest(file));
    return [...files.filter(isLongest), ...(await super.sort(others))];
  }
}

// Tests on real guests (QEMU): `pnpm test:real`. Two files at a time, each with one guest most of the time: two guests that boot at once on two
// processors are sooner done than one after the other. Waits end by what happens; the limits are for a machine that does other work as well.
export default defineConfig({
  test: {
    include: ['packages/*/test/real/**/*.test.ts'],
    globalSetup: ['packages/lab/test/real/build-images.ts'],
    passWithNoTests: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 900_000,
    hookTimeout: 900_000,
    disableConsoleIntercept: true,
  },
});
