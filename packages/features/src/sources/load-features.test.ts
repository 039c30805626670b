import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadFeatures } from './load-features.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'phoenix-packs-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
};
/** A pack as a person without a build step writes it; the contract is imported from this package's sources. */
const writePack = (name: string, index: string, manifest: object = { exports: './index.js' }): void => {
  write(
    `node_modules/${name}/package.json`,
    JSON.stringify({ name, version: '3.1.4', type: 'module', ...manifest }),
  );
  write(`node_modules/${name}/index.js`, index);
  write(`node_modules/${name}/scripts/apply.sh`, '#!/bin/sh\n');
};
const contract = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href;
const feature = (name: string): string =>
  `import { defineFeature } from ${JSON.stringify(contract)};
   export default defineFeature({ name: '${name}', version: '1.0.0', description: 'A.', files: new URL('./scripts/', import.meta.url), apply: 'apply.sh' });`;
const load = (packages: string[], directories: string[] = []) =>
  loadFeatures({ from: directory, packages, directories });

describe('packages', () => {
  it('are found beside the config or above it, and say where they come from', async () => {
    writePack('@acme/phoenix-feature-redis', feature('redis'));
    mkdirSync(join(directory, 'deep/er'), { recursive: true });
    const catalogue = await loadFeatures({
      from: join(directory, 'deep/er'),
      packages: ['@acme/phoenix-feature-redis'],
    });
    expect(catalogue.get('redis')?.source).toMatchObject({
      kind: 'package',
      package: '@acme/phoenix-feature-redis',
      packageVersion: '3.1.4',
    });
    expect(catalogue.get('redis')?.bundle.files.map(({ path }) => path)).toEqual(['apply.sh']);
    expect(catalogue.get('docker')?.source).toEqual({ kind: 'built-in' });
  });

  it('may be reached by conditions of exports, by main, by the phoenix field, and by a path', async () => {
    writePack('a', feature('a'), { exports: { '.': { types: './x.d.ts', import: './index.js' } } });
    writePack('b', feature('b'), { main: 'index.js' });
    writePack('c', feature('c'), { exports: './nowhere.js', phoenix: { features: './index.js' } });
    writePack('d', feature('d'));
    const catalogue = await load(['a', 'b', 'c', './node_modules/d']);
    expect([...catalogue.keys()]).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']));
  });

  it('that are missing are named with the nearest installed one', async () => {
    writePack('@acme/phoenix-feature-redis', feature('redis'));
    await expect(load(['@acme/phoenix-feature-reddis'])).rejects.toMatchObject({
      code: 'FEATURES_PACK_MISSING',
      message: `Feature pack @acme/phoenix-feature-reddis is not installed in ${directory} or above; did you mean @acme/phoenix-feature-redis?`,
    });
  });

  it('that throw at import are told with their own words', async () => {
    writePack('broken', 'throw new Error("the pack is broken");');
    await expect(load(['broken'])).rejects.toMatchObject({
      code: 'FEATURES_PACK_LOAD',
      message: expect.stringContaining('the pack is broken'),
    });
  });

  it('of a wrong shape or contract version are refused', async () => {
    writePack('shapeless', 'export default { name: "x" };');
    await expect(load(['shapeless'])).rejects.toMatchObject({ code: 'FEATURES_DEFINITION' });
    writePack('silent', 'export const feature = 1;');
    await expect(load(['silent'])).rejects.toMatchObject({
      message: expect.stringContaining('package silent 3.1.4 exports nothing'),
    });
    writePack('later', 'export default { contract: 2 };');
    await expect(load(['later'])).rejects.toMatchObject({ code: 'FEATURES_CONTRACT_VERSION' });
  });

  it('whose script is missing are refused, naming what is there', async () => {
    writePack('scriptless', feature('scriptless').replace("'apply.sh'", "'install.sh'"));
    await expect(load(['scriptless'])).rejects.toMatchObject({
      code: 'FEATURES_PACK_LOAD',
      message: expect.stringMatching(
        /names the script install\.sh, which is not in .* \(there are: apply\.sh\)/,
      ),
    });
  });

  it('that define the same feature clash', async () => {
    writePack('one', feature('redis'));
    writePack('two', feature('redis'));
    await expect(load(['one', 'two'])).rejects.toMatchObject({
      code: 'FEATURES_PACK_CLASH',
      message: 'Feature redis is defined by package one 3.1.4 and by package two 3.1.4.',
    });
    writePack('mine', feature('docker'));
    await expect(load(['mine'])).rejects.toMatchObject({
      message: 'Feature docker is defined by the built-in packs and by package mine 3.1.4.',
    });
  });
});

describe('a directory of scripts', () => {
  it('yields one feature a script, with the other files of the directory, and takes the place of a built-in pack', async () => {
    write('features/feature_install_docker.sh', '#!/bin/bash\n. ./lib.sh\n');
    write('features/feature_install_ollama.sh', '#!/bin/bash\n');
    write('features/lib.sh', 'x=1\n');
    const catalogue = await load([], [join(directory, 'features')]);
    expect(catalogue.get('ollama')?.bundle.files.map(({ path }) => path)).toEqual([
      'feature_install_ollama.sh',
      'lib.sh',
    ]);
    expect(catalogue.get('docker')?.source.kind).toBe('directory');
    expect(catalogue.get('docker')?.bundle.interpreters['feature_install_docker.sh']).toEqual(['/bin/bash']);
  });

  it('that is missing, empty or holds a bad name is refused', async () => {
    await expect(load([], ['nowhere'])).rejects.toMatchObject({
      code: 'FEATURES_PACK_LOAD',
      message: expect.stringContaining('cannot be read'),
    });
    write('empty/readme', '');
    await expect(load([], [join(directory, 'empty')])).rejects.toMatchObject({
      message: expect.stringContaining('holds no script named feature_install_<name>.sh'),
    });
    write('bad/feature_install_My App.sh', '');
    await expect(load([], [join(directory, 'bad')])).rejects.toMatchObject({
      message: expect.stringContaining('"My App" is no name of a feature'),
    });
  });
});
