import { defineConfig } from 'vitest/config';
export default defineConfig({
  resolve: { alias: { '@phoenix/lab': '/tmp/corelead/labtrial/packages/lab/dist/index.js' } },
  test: { include: ['test/*.e2e.test.ts'], testTimeout: 30000 },
});
