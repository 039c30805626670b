import { loadFeatures } from '@phoenix/features';
import { expect, test } from 'vitest';
import { parseConfig } from '../parse-config.js';
import { checkFeatures } from './check-features.js';

test('features are checked for all guests at once, each problem in its place', async () => {
  const text = `{ "vms": [
  { "vmid": 100, "name": "a", "features": ["dokcer"] },
  { "vmid": 101, "name": "b", "features": ["base_setup",
      { "name": "docker", "options": { "nope": 1 } }] } ] }`;
  const { guests } = parseConfig([{ file: 'x.json', text }]);
  const problems = checkFeatures(guests, await loadFeatures());
  expect(problems).toMatchObject([
    {
      line: 2,
      column: 44,
      kind: 'reference',
      nearest: 'docker',
      message: expect.stringContaining('100 (a)'),
    },
    { line: 4, column: 48, kind: 'invalid-value', message: expect.stringContaining('nope') },
  ]);
});
