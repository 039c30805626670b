import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseYaml } from './parse-yaml.js';
import { nodeAt, positionOf, toPlainValue } from './source-node.js';
import { createSourceText } from './source-text.js';

const read = (text: string) => parseYaml(createSourceText('x.yaml', text));
const plain = (text: string) => {
  const { root } = read(text);
  return root === undefined ? undefined : toPlainValue(root);
};

describe('parseYaml', () => {
  test('reads what was written, in any language', () => {
    const data = fc.dictionary(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.boolean(),
        fc.array(fc.string({ unit: 'grapheme' })),
      ),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(data, (written) => {
        expect(plain(`# 漢字\n${stringify(written)}`)).toEqual(written);
      }),
    );
  });

  test('takes ids without quotes for keys, and keeps words that YAML 1.1 took for others', () => {
    expect(plain('lxc_configs:\n  900: { name: no, mac: 52:54:00:12:34:56, at: 2024-01-01 }\n')).toEqual({
      lxc_configs: { '900': { name: 'no', mac: '52:54:00:12:34:56', at: '2024-01-01' } },
    });
  });

  test('follows anchors, aliases and merge keys', () => {
    expect(
      plain(
        'base: &b { cores: 2, net: { ip: dhcp } }\nvms:\n  - { <<: *b, vmid: 100 }\n  - { <<: [*b], cores: 4 }\n',
      ),
    ).toMatchObject({
      vms: [
        { cores: 2, net: { ip: 'dhcp' }, vmid: 100 },
        { cores: 4, net: { ip: 'dhcp' } },
      ],
    });
  });

  test('knows where every value stands', () => {
    const { root } = read('vms:\n  - vmid: 8000\n    name: a\n');
    const place = root === undefined ? undefined : nodeAt(root, ['vms', 0, 'name']);
    expect(place === undefined ? undefined : positionOf(place)).toEqual({
      file: 'x.yaml',
      line: 3,
      column: 11,
    });
  });

  test('reports slips with their places', () => {
    expect(read('a: 1\na: 2\n').problems).toMatchObject([{ kind: 'duplicate', line: 2, column: 1 }]);
    expect(read('a: [1\nb: 2\n').problems[0]).toMatchObject({ kind: 'syntax', line: 2 });
    expect(read('').problems[0]).toMatchObject({ message: 'The file is empty.' });
    expect(read('a: *nowhere\n').problems[0]).toMatchObject({ kind: 'syntax', line: 1 });
  });

  test('survives files that grow without bound through aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1)
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    expect(read(lines.join('\n')).problems[0]?.message).toMatch(/too large or too deep/);
    expect(read('a: &a [*a]\n').problems.length).toBeGreaterThan(0);
  });
});
