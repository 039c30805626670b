import { expect, it } from 'vitest';
import { nearestName } from './nearest-name.js';

const known = ['base_setup', 'docker', 'nfs_mount', 'users'];

it.each([
  ['dokcer', 'docker'],
  ['base-setup', 'base_setup'],
  ['Users', 'users'],
  ['nfsmount', 'nfs_mount'],
  ['kubernetes', undefined],
])('The known name nearest to %s is %s', (name, nearest) => {
  expect(nearestName(name, known)).toBe(nearest);
});
