import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

const entry = ['src/index.ts', 'src/main.ts'].filter((file) => existsSync(file));

export default defineConfig({
  entry,
  format: 'esm',
  target: 'node20.18',
  platform: 'node',
  dts: { entry: 'src/index.ts' },
  sourcemap: true,
  clean: true,
  splitting: true,
});
