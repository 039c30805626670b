import { describe, expect, test } from 'vitest';
import { mergeCloudConfigs } from './merge-cloud-configs.js';

describe('mergeCloudConfigs', () => {
  test('joins objects key by key and lists one behind the other', () => {
    expect(
      mergeCloudConfigs([
        {
          source: 'template',
          config: { packages: ['git'], apt: { proxy: 'x' }, hostname: 'a', write_files: null },
        },
        {
          source: 'feature a',
          config: {
            packages: ['git', 'curl'],
            apt: { conf: 'y' },
            hostname: 'a',
            write_files: [{ path: '/a' }],
          },
        },
      ]),
    ).toEqual({
      packages: ['git', 'curl'],
      apt: { proxy: 'x', conf: 'y' },
      hostname: 'a',
      write_files: [{ path: '/a' }],
    });
  });

  test('names both sources of two values for one key', () => {
    const parts = [
      { source: 'feature a', config: { apt: { proxy: 'x' } } },
      { source: 'feature b', config: { apt: { proxy: 'y' } } },
    ];
    expect(() => mergeCloudConfigs(parts)).toThrow(
      expect.objectContaining({
        code: 'CLOUDINIT_CONFLICT',
        message: 'The feature a sets apt.proxy to "x", the feature b to "y".',
      }),
    );
  });
});
