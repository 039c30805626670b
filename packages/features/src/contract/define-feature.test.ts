import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeature } from './define-feature.js';
import { parseFeature } from './parse-feature.js';

const good = {
  name: 'redis',
  version: '1.0.0',
  description: 'Redis.',
  files: new URL('file:///pack/scripts'),
  apply: 'apply.sh',
};

it('A definition of the least yields a feature with every default', () => {
  const feature = defineFeature(good);
  expect(feature).toMatchObject({
    contract: 1,
    requires: [],
    platforms: [],
    reboot: 'never',
    files: 'file:///pack/scripts/',
    hooks: { apply: { script: 'apply.sh', timeoutMs: 3_600_000 } },
  });
  expect(feature.options.safeParse({}).success).toBe(true);
  expect(feature.options.safeParse({ a: 1 }).success).toBe(false);
});

it('Functions of hooks and cloudConfig get the options', () => {
  const feature = defineFeature({
    ...good,
    options: z.strictObject({ port: z.number().default(6379) }),
    apply: { script: 'apply.sh', environment: ({ options }) => ({ PORT: String(options.port + 1) }) },
    cloudConfig: ({ options }) => ({ packages: [`redis-${options.port}`] }),
  });
  const options = feature.options.parse({});
  const platform = { id: 'debian', version: '12', like: [], architecture: 'x86_64' };
  expect(feature.hooks.apply.environment?.({ options, platform })).toEqual({ PORT: '6380' });
  expect(feature.cloudConfig?.({ options })).toEqual({ packages: ['redis-6379'] });
});

it('Every mistake of a definition is named at once, with expected and got', () => {
  const wrong: Parameters<typeof defineFeature>[0] = JSON.parse(
    '{"name":"Redis!","version":"1","description":"","platforms":[1],"apply":"../apply.sh","verify":7,"reboot":"maybe","depends":["x"],"options":{}}',
  );
  expect(() => defineFeature(wrong)).toThrowError(
    expect.objectContaining({
      code: 'FEATURES_DEFINITION',
      message:
        'The definition of feature "Redis!" is wrong: depends: not a key of a feature; ' +
        'name: expected a name such as "redis" (^[a-z][a-z0-9_-]{0,62}$), got "Redis!"; ' +
        'version: expected a semantic version such as "1.0.0", got "1"; description: expected a sentence, got ""; ' +
        'options: expected a zod schema, got {}; ' +
        "files: expected a file URL such as new URL('./scripts/', import.meta.url), got nothing; " +
        'reboot: expected "never" or "after-apply", got "maybe"; ' +
        'platforms: expected a list of system ids such as "debian", got [1]; ' +
        'apply: expected the path of a script such as "apply.sh", or { script, timeoutMs?, environment? }, got "../apply.sh"; ' +
        'verify: expected the path of a script such as "apply.sh", or { script, timeoutMs?, environment? }, got 7.',
    }),
  );
});

it('What a foreign module exports is taken as it is, or refused with a reason', () => {
  const feature = defineFeature({ ...good, check: 'check.sh' });
  expect(parseFeature(feature, 'package x')).toEqual(feature);
  expect(() => parseFeature({ ...feature, contract: 9 }, 'package x')).toThrowError(
    'package x is written for version 9 of the feature contract; this Phoenix runs version 1.',
  );
  expect(() => parseFeature({ name: 'x', install: 1 }, 'package x')).toThrowError(
    'package x exports an object with the keys name, install; expected the result of defineFeature(…), or a list of them, as default export.',
  );
  expect(() => parseFeature(undefined, 'package x')).toThrowError('package x exports nothing;');
  expect(() => parseFeature({ ...feature, hooks: {} }, 'package x')).toThrowError(
    expect.objectContaining({ code: 'FEATURES_DEFINITION' }),
  );
});
