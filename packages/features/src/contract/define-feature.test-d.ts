import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineFeature } from './define-feature.js';

test('options are inferred in every hook, with defaults applied', () => {
  defineFeature({
    name: 'redis',
    version: '1.0.0',
    description: 'Redis.',
    files: new URL('file:///pack/'),
    options: z.strictObject({ port: z.number().default(6379), users: z.array(z.string()).optional() }),
    apply: {
      script: 'apply.sh',
      environment: ({ options, platform }) => {
        expectTypeOf(options.port).toEqualTypeOf<number>();
        expectTypeOf(options.users).toEqualTypeOf<string[] | undefined>();
        expectTypeOf(platform.id).toEqualTypeOf<string>();
        return {};
      },
    },
    cloudConfig: ({ options }) => {
      expectTypeOf(options.port).toEqualTypeOf<number>();
      return {};
    },
  });
});

test('an unknown hook or a wrong type is an error of the compiler', () => {
  const rest = { name: 'a', version: '1.0.0', description: 'A.', files: new URL('file:///pack/') };
  // @ts-expect-error apply is missing
  defineFeature(rest);
  // @ts-expect-error a script is a path
  defineFeature({ ...rest, apply: 1 });
});
