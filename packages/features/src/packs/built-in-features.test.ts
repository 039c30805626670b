import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadFeatures } from '../sources/load-features.js';
import { builtInFeatures } from './built-in-features.js';

describe.each(builtInFeatures.map((feature) => ({ name: feature.name, feature })))(
  'built-in pack $name',
  ({ feature }) => {
    it('has a README that names every option, scripts that are executable, and no repair to be made', async () => {
      const readme = readFileSync(new URL('../README.md', feature.files), 'utf8');
      const entry = (await loadFeatures()).get(feature.name);
      expect(entry?.bundle.remarks).toEqual([]);
      const schema: { properties?: object } = (await import('../contract/options-schema.js')).optionsSchema(
        feature,
      );
      for (const option of Object.keys(schema.properties ?? {})) expect(readme).toContain(`\`${option}\``);
      for (const hook of Object.values(feature.hooks)) {
        expect(entry?.bundle.files.find(({ path }) => path === hook.script)?.mode).toBe(0o700);
        expect(entry?.bundle.interpreters[hook.script]).toEqual(['/bin/sh']);
      }
    });

    it.skipIf(spawnSync('shellcheck', ['--version']).status !== 0)('passes shellcheck', () => {
      const cwd = fileURLToPath(feature.files);
      const result = spawnSync('/bin/sh', ['-c', 'shellcheck -x *.sh'], { cwd });
      expect(String(result.stdout)).toBe('');
    });

    it('names no file that is not there', () => {
      for (const hook of Object.values(feature.hooks))
        expect(existsSync(new URL(hook.script, feature.files))).toBe(true);
    });
  },
);
