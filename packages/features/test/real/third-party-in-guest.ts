import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadFeatures, testFeature } from '../../src/index.js';
import type { RealWorld } from './real-world.js';

const examples = fileURLToPath(new URL('../../../../examples/', import.meta.url));
const features = fileURLToPath(new URL('../..', import.meta.url));

/** The two example packs of a third party keep the contract on a real guest. */
export function testThirdParty(world: () => RealWorld): void {
  describe('a pack of a third party', () => {
    it.each([
      ['redis', { port: 6380, password: { $secret: 'env:REDIS' } }],
      ['sysctl', { settings: { 'vm.swappiness': 17 } }],
    ])('%s keeps the contract: applied, repeated, checked, verified, removed', async (name, options) => {
      const directory = mkdtempSync(join(tmpdir(), 'phoenix-third-party-'));
      try {
        cpSync(join(examples, `feature-pack-${name}`), join(directory, name), { recursive: true });
        mkdirSync(join(directory, 'node_modules/@phoenix'), { recursive: true });
        symlinkSync(features, join(directory, 'node_modules/@phoenix/features'));
        const catalogue = await loadFeatures({ from: directory, packages: [`./${name}`] });
        const entry = catalogue.get(name);
        if (entry === undefined) throw new Error(`${name} was not loaded`);
        const report = await testFeature(entry.feature, {
          shell: world().shell,
          catalogue,
          options,
          resolveSecret: () => "it's-a-secret-$HOME",
        });
        expect(report.steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
        expect(JSON.stringify(report.events)).not.toContain('a-secret');
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  });
}
