import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProperties, readProperty, writeProperties } from './property-string.js';

const word = fc.stringMatching(/^[a-z0-9:./-]{0,8}$/);
const parts = fc.array(
  fc.oneof(
    word,
    fc.tuple(word, word).map(([key, value]) => `${key}=${value}`),
  ),
);

describe('a property string', () => {
  it('is taken apart at its commas, the part without a key under none', () => {
    const text = 'local:8001/vm-8001-disk-0.qcow2,size=10G,,ssd=1';
    expect([...readProperties(text)]).toEqual([
      ['', 'local:8001/vm-8001-disk-0.qcow2'],
      ['size', '10G'],
      ['ssd', '1'],
    ]);
    expect(writeProperties(readProperties(text))).toBe('local:8001/vm-8001-disk-0.qcow2,size=10G,ssd=1');
  });

  it('has for one part what it has when it is taken apart whole', () => {
    fc.assert(
      fc.property(parts, fc.array(word), (all, further) => {
        const text = all.join(',');
        const properties = readProperties(text);
        for (const name of ['', ...properties.keys(), ...further])
          expect(readProperty(text, name)).toBe(properties.get(name));
      }),
    );
  });
});
