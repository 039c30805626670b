import { expect, it } from 'vitest';
import { satisfiesVersion } from './satisfies-version.js';

it.each([
  ['1.2.3', '1.2.3', true],
  ['1.2.3', '1.2.4', false],
  ['1.2.3', '1', true],
  ['1.2.3', '1.2', true],
  ['1.2.3', '1.x', true],
  ['1.2.3', '2', false],
  ['1.10.0', '1.1', false],
  ['1.2.3', '^1.0.0', true],
  ['1.2.3', '^1.2.4', false],
  ['2.0.0', '^1.2.3', false],
  ['0.2.9', '^0.2.3', true],
  ['0.3.0', '^0.2.3', false],
  ['1.2.9', '~1.2.3', true],
  ['1.3.0', '~1.2.3', false],
  ['1.2.3', '~1.2.10', false],
  ['1.3.0', '~1', true],
  ['1.2.3', '*', true],
  ['1.2.3', '>=1', false],
])('Version %s is what %s asks for: %s', (version, wanted, answer) => {
  expect(satisfiesVersion(version, wanted)).toBe(answer);
});
