import { expect, test } from 'vitest';
import { findConfigFiles } from './find-config-files.js';

const find = (
  files: readonly string[],
  named: readonly string[] = [],
  environment: Record<string, string> = {},
) => findConfigFiles({ named, environment, workingDirectory: '/w', exists: (path) => files.includes(path) });

const SYSTEM = '/usr/local/phoenix_hypervisor/etc/phoenix_vm_configs.json';

test('files are chosen in the documented order', () => {
  const all = [
    '/w/phoenix_vm_configs.json',
    '/w/phoenix_lxc_configs.json',
    '/w/phoenix.yaml',
    '/w/phoenix.json',
    SYSTEM,
  ];
  expect(find(all, ['a.json', 'b.yaml', 'a.json'])).toEqual(['a.json', 'b.yaml']);
  expect(find(all, [], { PHOENIX_CONFIG: 'x.json:y.json' })).toEqual(['x.json', 'y.json']);
  expect(find(all)).toEqual(['/w/phoenix_vm_configs.json', '/w/phoenix_lxc_configs.json']);
  expect(find(all.slice(1))).toEqual(['/w/phoenix_lxc_configs.json']);
  expect(find(all.slice(2))).toEqual(['/w/phoenix.yaml']);
  expect(find(all.slice(3))).toEqual(['/w/phoenix.json']);
  expect(find(all.slice(4))).toEqual([SYSTEM]);
});

test('nothing found is one sentence that says where was looked', () => {
  expect(() => find([])).toThrow(
    expect.objectContaining({
      code: 'PHOENIX_CONFIG_NOT_FOUND',
      message: expect.stringContaining('/w'),
      hint: expect.stringContaining('--config'),
    }),
  );
});
