import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillMarks, renderTemplate, replaceMarks } from './render-template.js';

const at = (text: string) => ({ path: 'user-data.template.yml', text });

describe('renderTemplate', () => {
  test('renders blocks, helpers and the older placeholders', () => {
    const rendered = renderTemplate(
      at(
        '{{#each list}}{{@index}}={{this}};{{/each}}{{#if no}}x{{else}}y{{/if}} __HOSTNAME__ {{lookup map "a"}}',
      ),
      {
        list: ['a', 'b'],
        no: false,
        hostname: 'vm',
        map: { a: 'b' },
      },
    );
    expect(replaceMarks(rendered)).toBe('0=a;1=b;y vm b');
  });

  test('inserts values unchanged, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(replaceMarks(renderTemplate(at('<{{value}}>'), { value }))).toBe(`<${value}>`);
        expect(replaceMarks(renderTemplate(at('<{{{value}}}>'), { value }))).toBe(`<${value}>`);
      }),
    );
  });

  test('does not take a value for a mark', () => {
    const rendered = renderTemplate(at('{{a}} {{b}} PHX0Z'), { a: 'PHX1Z', b: 'PHXX0Z' });
    expect(replaceMarks(rendered)).toBe('PHX1Z PHXX0Z PHX0Z');
  });

  test('names an unknown variable, where it stands, and the known ones', () => {
    expect(() => renderTemplate(at('#cloud-config\nhostname: {{hostnam}}\n'), { hostname: 'x' })).toThrow(
      expect.objectContaining({
        code: 'CLOUDINIT_TEMPLATE',
        line: 2,
        message: expect.stringContaining('"hostnam"'),
        hint: expect.stringContaining('hostname'),
      }),
    );
  });

  test('says on which line braces do not match', () => {
    expect(() => renderTemplate(at('a\nb {{#if x}}\n'), { x: true })).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_TEMPLATE', file: 'user-data.template.yml' }),
    );
    expect(() => renderTemplate(at('a\n{{ a b }c }}\n'), {})).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_TEMPLATE', line: 2 }),
    );
  });

  test('keeps escaped braces', () => {
    expect(replaceMarks(renderTemplate(at("docker ps --format '\\{{.Names}}'"), {}))).toBe(
      "docker ps --format '{{.Names}}'",
    );
  });

  test('yields lists and objects whole', () => {
    const rendered = renderTemplate(at('{{json keys}}'), { keys: ['a', { b: 1 }] });
    expect(fillMarks(rendered.text, rendered.values)).toEqual(['a', { b: 1 }]);
  });
});
