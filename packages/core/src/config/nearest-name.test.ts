import { expect, test } from 'vitest';
import { editDistance, nearestName } from './nearest-name.js';

const known = [
  'vmid',
  'name',
  'cores',
  'memory_mb',
  'disk_size_gb',
  'network_config',
  'network_bridge',
  'clone_from_vmid',
  'features',
];

test.each([
  ['memory', 'memory_mb'],
  ['memoryMb', 'memory_mb'],
  ['Cores', 'cores'],
  ['core', 'cores'],
  ['cpus', 'cores'],
  ['disk-size-gb', 'disk_size_gb'],
  ['netwrok_config', 'network_config'],
  ['clone_form_vmid', 'clone_from_vmid'],
  ['fetures', 'features'],
  ['hostname', 'name'],
  ['zebra', undefined],
])('for %s it is %s', (written, meant) => {
  expect(nearestName(written, known)).toBe(meant);
});

test('a swap of neighbours counts as one step', () => {
  expect(editDistance('nmae', 'name', 3)).toBe(1);
  expect(editDistance('abcdef', 'ghijkl', 2)).toBe(3);
});
