import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineFeature, lintFeature, loadFeatures, scaffoldFeature, testFeature, z } from '../src/index.js';
import { createLocalGuest, type LocalGuest } from './local-guest.js';

// Each run is a handful of real processes: a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let directory: string;
let guest: LocalGuest;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'phoenix-pack-'));
  guest = createLocalGuest();
});
afterEach(() => {
  guest.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A feature of scripts on the disk, that touch only the guest's directory. */
const pack = (scripts: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(scripts)) writeFileSync(join(directory, path), text);
  const hook = (name: string) => (`${name}.sh` in scripts ? { [name]: `${name}.sh` } : {});
  return defineFeature({
    name: 'sample',
    version: '1.0.0',
    description: 'A sample.',
    options: z.strictObject({ word: z.string().default('hello') }),
    files: pathToFileURL(`${directory}/`),
    apply: 'apply.sh',
    ...hook('check'),
    ...hook('verify'),
    ...hook('remove'),
  });
};
const made = (): string => `${guest.root}/made`;
const good = (): Record<string, string> => ({
  'check.sh': `#!/bin/sh\n[ "$(cat ${made()} 2>/dev/null)" = "$PHOENIX_OPTION_WORD" ]\n`,
  'apply.sh': `#!/bin/sh\necho "$PHOENIX_OPTION_WORD" >${made()}\n`,
  'verify.sh': `#!/bin/sh\ngrep -q . ${made()}\n`,
  'remove.sh': `#!/bin/sh\nrm -f ${made()}\n`,
});
const test = async (scripts: Readonly<Record<string, string>>) => {
  const report = await testFeature(pack(scripts), { shell: guest.shell, root: guest.root });
  return {
    passed: report.passed,
    last: report.steps.at(-1),
    outcomes: report.steps.map(({ outcome }) => outcome),
  };
};

describe('testing a feature', () => {
  it('passes one that keeps the contract', async () => {
    expect(await test(good())).toMatchObject({ passed: true, outcomes: Array(7).fill('passed') });
  });

  it('skips what it has no script for', async () => {
    const { 'apply.sh': apply = '' } = good();
    expect((await test({ 'apply.sh': apply })).outcomes).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
      'skipped',
      'skipped',
      'skipped',
    ]);
  });

  it.each([
    [
      'a check that always says yes',
      { 'check.sh': '#!/bin/sh\n' },
      'check says yes in a guest that does not have the feature: drift would never be found',
    ],
    [
      'a check that always says no',
      { 'check.sh': '#!/bin/sh\nexit 1\n' },
      'expected the feature to be unchanged, got applied',
    ],
    [
      'a remove that removes nothing',
      { 'remove.sh': '#!/bin/sh\n' },
      'check says yes in a guest that does not have the feature: drift would never be found',
    ],
  ])('finds %s', async (_what, scripts, message) => {
    expect(await test({ ...good(), ...scripts })).toMatchObject({
      passed: false,
      last: { outcome: 'failed', message },
    });
  });

  it('finds an apply that cannot be repeated, and shows its last lines', async () => {
    const { last } = await test({
      ...good(),
      'apply.sh': `#!/bin/sh\nset -e\nmkdir ${guest.root}/once\necho "$PHOENIX_OPTION_WORD" >${made()}\n`,
    });
    expect(last).toMatchObject({ title: 'applying once more harms nothing', outcome: 'failed' });
    expect(last?.message).toMatch(/ended with exit code 1[\s\S]*mkdir: cannot create directory/);
  });
});

describe('a new pack', () => {
  const install = (): void => {
    mkdirSync(join(directory, 'node_modules/@phoenix'), { recursive: true });
    symlinkSync(join(import.meta.dirname, '..'), join(directory, 'node_modules/@phoenix/features'));
  };

  it('is complete, loads, and gives its author nothing to mend', async () => {
    install();
    const files = await scaffoldFeature({
      directory: join(directory, 'phoenix-feature-motd'),
      package: '@acme/phoenix-feature-motd',
    });
    expect(files).toEqual([
      'README.md',
      '.gitignore',
      'index.js',
      'package.json',
      'scripts/apply.sh',
      'scripts/check.sh',
      'scripts/remove.sh',
      'scripts/verify.sh',
    ]);
    expect(statSync(join(directory, 'phoenix-feature-motd/scripts/apply.sh')).mode & 0o111).toBe(0o111);
    const entry = (await loadFeatures({ from: directory, packages: ['./phoenix-feature-motd'] })).get('motd');
    if (entry === undefined) throw new Error('it was not loaded');
    expect(entry.source).toMatchObject({ kind: 'package', packageVersion: '0.1.0' });
    expect((await lintFeature(entry)).filter(({ place }) => place !== 'scripts')).toEqual([]);
    expect(readFileSync(join(directory, 'phoenix-feature-motd/package.json'), 'utf8')).toContain(
      '"@acme/phoenix-feature-motd"',
    );
  });

  it('is not written over something, nor under a wrong name', async () => {
    writeFileSync(join(directory, 'notes.txt'), '');
    await expect(scaffoldFeature({ directory })).rejects.toMatchObject({ code: 'FEATURES_SCAFFOLD' });
    await expect(scaffoldFeature({ directory: join(directory, 'My Pack') })).rejects.toMatchObject({
      message: '"My Pack" is no name of a feature; expected lower-case letters, digits, "_" and "-".',
    });
  });
});

describe('lint', () => {
  it('finds what is missing in a definition and wrong in scripts', async () => {
    writeFileSync(join(directory, 'apply.sh'), 'echo hi\r\nif [ $x = 1 ]; then\r\n  echo one\r\nfi\r\n');
    writeFileSync(join(directory, 'verify.sh'), '');
    writeFileSync(
      join(directory, 'package.json'),
      JSON.stringify({
        name: 'p',
        version: '1.0.0',
        exports: './index.mjs',
        dependencies: { '@phoenix/features': '1' },
      }),
    );
    const contract = pathToFileURL(join(import.meta.dirname, '../dist/index.js')).href;
    writeFileSync(
      join(directory, 'index.mjs'),
      `import { defineFeature, z } from ${JSON.stringify(contract)};
       export default defineFeature({ name: 'p', version: '1.0.0', description: 'P.', options: z.strictObject({ a: z.string() }), files: new URL('./', import.meta.url), apply: 'apply.sh', verify: 'verify.sh' });`,
    );
    const entry = (await loadFeatures({ from: directory, packages: ['.'] })).get('p');
    if (entry === undefined) throw new Error('it was not loaded');
    const findings = (await lintFeature(entry)).map(
      ({ severity, place, message }) => `${severity} ${place}: ${message}`,
    );
    for (const expected of [
      'warning check: Without a check script drift is never found: the receipt alone is trusted.',
      'note remove: Without a remove script the feature stays when it leaves the config.',
      'warning platforms: No system is named, so that it starts on any: name those it was tested on.',
      'warning options.a: It has no description (`.describe(…)`), which editors and `phoenix features show` would print.',
      'warning apply.sh: Apply.sh has CRLF line ends; they were turned into LF.',
      'error verify.sh: The verify script is empty: it always succeeds.',
      'error package.json: Expected "type": "module": packs are ES modules.',
      'warning package.json: It names no license.',
      'warning README.md: There is none: tell what the pack does and its options.',
    ]) {
      expect(findings).toContain(expected);
    }
  });
});
