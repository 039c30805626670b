import { defineConfig } from 'vitest/config';
export default defineConfig({ resolve: { alias: { '@phoenix/lab': '/tmp/corelead/labtrial/packages/lab/dist/index.js' } }, test: { include: ['packages/*/test/matrix/crashtrial.matrix.ts'], fileParallelism: false, maxConcurrency: 2, testTimeout: 300_000, hookTimeout: 300_000 } });
