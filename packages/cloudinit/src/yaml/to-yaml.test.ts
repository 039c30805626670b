import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../seed.js';
import { toYaml } from './to-yaml.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        'a',
        ' ',
        '\n',
        '\t',
        '\r',
        '#',
        ':',
        '- ',
        '\u2028',
        '\u0085',
        '\ufeff',
        '"',
        '\\',
        '{',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    'yes',
    'No',
    'on',
    '~',
    'null',
    '=',
    '<<',
    '1:30',
    '0777',
    '1e3',
    '.inf',
    '2024-01-01',
    '52:54:00:12:34:56',
    '- a',
    'a: b',
    '#x',
    '!tag',
    '&a',
    '*a',
    '%',
    '@',
    '`',
    '',
    ' ',
  ),
);
const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom('<<', 'y', 'on', '1', '-', '? a', 'a: b'),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const document = fc
  .dictionary(key, value, { maxKeys: 6, noNullPrototype: true })
  .map((entries): JsonObject => JSON.parse(JSON.stringify(entries)));

describe('toYaml', () => {
  test('is read back unchanged by readers of YAML 1.1 and of YAML 1.2', () => {
    fc.assert(
      fc.property(document, (data) => {
        const yaml = toYaml(data);
        expect(parse(yaml, { version: '1.1', merge: false, uniqueKeys: false })).toEqual(data);
        expect(parse(yaml, { version: '1.2' })).toEqual(data);
      }),
      { numRuns: 400 },
    );
  });

  test('writes only characters that PyYAML accepts, and no line breaks that only it knows', () => {
    fc.assert(
      fc.property(document, (data) => {
        expect(toYaml(data)).not.toMatch(
          /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('shows scripts as blocks and quotes what could be something else', () => {
    expect(
      toYaml({
        script: '#!/bin/sh\necho 1\n',
        mode: '0755',
        on: 'yes',
        list: [{ a: 1, b: [] }, ['x']],
        none: {},
      }),
    ).toBe(
      [
        'script: |',
        '  #!/bin/sh',
        '  echo 1',
        'mode: "0755"',
        '"on": "yes"',
        'list:',
        '  - a: 1',
        '    b: []',
        '  - - x',
        'none: {}',
        '',
      ].join('\n'),
    );
  });

  test('replaces halves of surrogate pairs, which no file can hold', () => {
    expect(parse(toYaml({ a: 'x\ud800y' }))).toEqual({ a: 'x\ufffdy' });
  });
});

const hasPyYaml = spawnSync('python3', ['-c', 'import yaml']).status === 0;

test.runIf(hasPyYaml)('PyYAML, which cloud-init reads with, reads the same', () => {
  const documents = fc.sample(document, { numRuns: 300, seed: 7 });
  const program =
    'import sys,json,yaml; print(json.dumps([yaml.safe_load(t) for t in json.load(sys.stdin)]))';
  const output = execFileSync('python3', ['-c', program], {
    input: JSON.stringify(documents.map(toYaml)),
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  expect(JSON.parse(output)).toEqual(documents);
});
