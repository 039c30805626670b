import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from './parse-json.js';
import { nodeAt, positionOf, type SourceNode } from './source-node.js';
import { createSourceText } from './source-text.js';

const read = (text: string) => parseJson(createSourceText('x.json', text));
const messages = (text: string) =>
  read(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

/** The value with nulls kept, unlike `toPlainValue`. */
function value(node: SourceNode | undefined): unknown {
  if (node === undefined || node.kind === 'scalar') return node?.value;
  if (node.kind === 'array') return node.items.map(value);
  return new Map([...node.entries].map(([key, entry]) => [key, value(entry.value)]));
}

function withMaps(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withMaps);
  if (typeof json !== 'object' || json === null) return json;
  return new Map(Object.entries(json).map(([key, entry]) => [key, withMaps(entry)]));
}

describe('parseJson', () => {
  test('reads whatever JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        const { root, problems } = read(text);
        expect(problems).toEqual([]);
        expect(value(root)).toEqual(withMaps(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  test('never throws, whatever the text', () => {
    const noise = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        "'b'",
        '1',
        '-',
        'tru',
        'null',
        '//x\n',
        '/*',
        '*/',
        '\\',
        '\u0000',
        '\ud800',
        'é',
        '\n',
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(noise, (parts) => {
        const { root, problems } = read(parts.join(''));
        expect(root !== undefined || problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('takes comments, trailing commas, a byte order mark and any line ends', () => {
    const { root, problems } = read('\uFEFF// head\r\n{ /* a */ "a": [1, 2,], // b\r "b": "x", }\n');
    expect(problems).toEqual([]);
    expect(value(root)).toEqual(withMaps({ a: [1, 2], b: 'x' }));
  });

  test('keeps slashes of strings, any language, and pairs of escapes', () => {
    expect(value(read('["https://x/y//z", "漢字 ñ", "\\ud83d\\ude00", "\\/"]').root)).toEqual([
      'https://x/y//z',
      '漢字 ñ',
      '😀',
      '/',
    ]);
  });

  test('knows where every value stands', () => {
    const { root } = read('{\n  "vms": [\n    { "vmid": 8000 }\n  ]\n}\n');
    const place = root === undefined ? undefined : nodeAt(root, ['vms', 0, 'vmid']);
    expect(place === undefined ? undefined : positionOf(place)).toEqual({
      file: 'x.json',
      line: 3,
      column: 15,
    });
  });

  test('reports several slips in one run, each in its place', () => {
    expect(messages('{\n  "a": 1\n  "b": \'x\',\n  c: True,\n  "d": 01,\n  "a": 2\n}')).toEqual([
      '2:9 Expected a comma or }, found "\\"".',
      '3:8 A string stands in single quotes.',
      '4:3 The key c has no quotes.',
      '4:6 Expected a value, found True.',
      '5:8 Expected a value, found 01.',
      '6:3 The key "a" stands here and at 2:3.',
    ]);
  });

  test.each([
    ['', '1:1 The file is empty.'],
    ['// only\n', '2:1 The file is empty.'],
    ['{"a": [1, 2', '1:12 The file ends inside what begins at 1:7.'],
    ['{"a" 1}', '1:6 Expected a colon after the key "a", found "1".'],
    ['{"a": "x\n"}', '1:7 A string that begins here does not end on its line.'],
    ['{"a": }', '1:7 Expected a value, found "}".'],
    ['[1,,2]', '1:4 Expected a value between two commas.'],
    ['{} x', '1:4 Expected the end of the file, found "x".'],
    ['/* x', '1:1 A comment that begins here never ends.'],
    ['{"a": "\\q"}', '1:8 A string holds the unknown escape \\q.'],
  ])('says of %j what is wrong', (text, message) => {
    expect(messages(text)[0]).toBe(message);
  });

  test('refuses nesting that would exhaust the stack', () => {
    expect(messages('['.repeat(100_000))[0]).toMatch(/nested more than 200 deep/);
  });

  test('takes a key called __proto__ for a key', () => {
    expect(value(read('{"__proto__": {"a": 1}}').root)).toEqual(
      new Map([['__proto__', new Map([['a', 1]])]]),
    );
  });
});
