import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Marker, parseDescription, printDescription } from './marker.js';

const marker: Marker = { v: 1, id: 8001, stage: 'ready', applied: { cores: 4, name: 'a-->b' } };

describe('the marker in a description', () => {
  it('comes back with the text before it, whatever stands in either', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 20 })),
        (words, applied) => {
          fc.pre(!words.includes('<!-- phoenix:') && !Object.keys(applied).includes('__proto__'));
          const text = words.replace(/\s+$/, '').replace(/^\s+/, '');
          const parsed = parseDescription(printDescription(text, { ...marker, applied }));
          expect(parsed).toEqual({ text, marker: { ...marker, applied } });
        },
      ),
    );
  });

  it('is the same text for equal markers, in whatever order they were put together', () => {
    const whole: Marker = { ...marker, seed: 'a1', features: 'b2', names: ['docker'], build: 'c3' };
    const turned: Marker = { build: 'c3', names: ['docker'], features: 'b2', seed: 'a1', ...marker };
    expect(printDescription('', turned)).toBe(printDescription('', whole));
  });

  it('does not end the comment early and survives a newline that PVE adds', () => {
    const description = printDescription('for people', marker);
    expect(description.match(/-->/g)).toHaveLength(1);
    expect(parseDescription(`${description}\n`)).toEqual({ text: 'for people', marker });
  });

  it('is not found where somebody wrote something else', () => {
    expect(parseDescription('plain')).toEqual({ text: 'plain' });
    expect(parseDescription('<!-- phoenix: {broken -->').marker).toBeUndefined();
    expect(parseDescription('<!-- phoenix: {"v":1} -->').marker).toBeUndefined();
    expect(parseDescription(undefined)).toEqual({ text: '' });
  });

  it('of a newer version is refused, not misread', () => {
    expect(() => parseDescription('<!-- phoenix: {"v":2} -->')).toThrow(/newer Phoenix/);
  });

  it('that would make the description too long is refused', () => {
    expect(() => printDescription('x'.repeat(8200), marker)).toThrow(/8192/);
  });
});
