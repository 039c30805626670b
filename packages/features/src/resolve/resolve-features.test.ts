import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeBundle } from '../bundle/read-bundle.js';
import { defineFeature } from '../contract/define-feature.js';
import type { FeatureDefinition } from '../contract/feature.js';
import { FeaturesError } from '../features-error.js';
import type { CataloguedFeature } from '../sources/feature-catalogue.js';
import { resolveFeatures } from './resolve-features.js';
import type { DeclaredFeature } from './resolved-feature.js';

const bundle = makeBundle(
  [{ path: 'apply.sh', mode: 0o700, content: Buffer.from('#!/bin/sh\n') }],
  ['apply.sh'],
);
const entry = (
  name: string,
  more: Partial<FeatureDefinition<z.ZodType>> = {},
): [string, CataloguedFeature] => [
  name,
  {
    feature: defineFeature({
      name,
      version: '1.2.3',
      description: 'A.',
      files: new URL('file:///x/'),
      apply: 'apply.sh',
      ...more,
    }),
    bundle,
    source: { kind: 'built-in' },
  },
];
const catalogue = new Map([
  entry('base'),
  entry('redis', {
    requires: ['base'],
    options: z.strictObject({
      port: z.number().int().max(65_535).default(6379),
      channel: z.enum(['stable', 'test']).optional(),
      password: z.string().min(12).optional(),
      deep: z.array(z.strictObject({ name: z.string() })).optional(),
    }),
  }),
  entry('valkey', { conflicts: ['redis'] }),
  entry('strict', { options: z.strictObject({ key: z.string() }) }),
  entry('needs-strict', { requires: ['strict'] }),
  entry('needs-nothing-known', { requires: ['bsae'] }),
  entry('left', { after: ['right'] }),
  entry('right', { after: ['left'] }),
]);
const problemsOf = (...declared: DeclaredFeature[]) => {
  try {
    resolveFeatures(catalogue, declared);
    return [];
  } catch (error) {
    if (!(error instanceof FeaturesError)) throw error;
    return (error.problems ?? []).map(({ code, path, message, nearest }) => ({
      code,
      path,
      message,
      ...(nearest === undefined ? {} : { nearest }),
    }));
  }
};

describe('resolving', () => {
  it('fills in defaults and adds what is required, before it', () => {
    const resolved = resolveFeatures(catalogue, [{ name: 'redis', options: { channel: 'test' } }]);
    expect(resolved.map(({ name, requiredBy }) => [name, requiredBy])).toEqual([
      ['base', 'redis'],
      ['redis', undefined],
    ]);
    expect(resolved[1]?.options).toEqual({ port: 6379, channel: 'test' });
  });

  it('gives equal digests to equal wishes, whatever the order of keys and whether a default is written', () => {
    const digest = (options: unknown) =>
      resolveFeatures(catalogue, [{ name: 'redis', options }]).at(-1)?.digest;
    expect(digest({ port: 6379, channel: 'test' })).toBe(digest({ channel: 'test' }));
    expect(digest({ port: 6380 })).not.toBe(digest({}));
    expect(digest({ password: { $secret: 'env:A' } })).not.toBe(digest({ password: { $secret: 'env:B' } }));
  });

  it('takes a secret for a text whose value is checked later', () => {
    expect(problemsOf({ name: 'redis', options: { password: { $secret: 'env:P' } } })).toEqual([]);
    expect(problemsOf({ name: 'redis', options: { port: { $secret: 'env:P' } } })).toEqual([]);
  });

  it('tells every problem at once: path, expected, got, and the nearest name', () => {
    expect(
      problemsOf(
        { name: 'reddis' },
        {
          name: 'redis',
          version: '^2.0.0',
          options: { port: 'x', chanel: 'test', deep: [{ name: 'a' }, { nmae: 'b' }] },
        },
        { name: 'base' },
        { name: 'base' },
      ),
    ).toEqual([
      {
        code: 'FEATURES_UNKNOWN',
        path: [0],
        message: 'There is no feature reddis; did you mean redis?',
        nearest: 'redis',
      },
      {
        code: 'FEATURES_VERSION',
        path: [1, 'version'],
        message: 'Feature redis: expected version ^2.0.0, got 1.2.3 from the built-in packs.',
      },
      {
        code: 'FEATURES_OPTIONS',
        path: [1, 'options', 'port'],
        message: 'Feature redis, option port: expected a value of type number, got "x".',
      },
      {
        code: 'FEATURES_OPTIONS',
        path: [1, 'options', 'deep', 1, 'name'],
        message: 'Feature redis, option deep.1.name: expected a value of type string, got nothing.',
      },
      {
        code: 'FEATURES_OPTIONS',
        path: [1, 'options', 'deep', 1, 'nmae'],
        message: 'Feature redis, option deep.1.nmae: there is no such option; did you mean name?',
        nearest: 'name',
      },
      {
        code: 'FEATURES_OPTIONS',
        path: [1, 'options', 'chanel'],
        message: 'Feature redis, option chanel: there is no such option; did you mean channel?',
        nearest: 'channel',
      },
      { code: 'FEATURES_CONFLICT', path: [3], message: 'Feature base is declared twice.' },
    ]);
  });

  it('tells the values that an option may have', () => {
    expect(
      problemsOf({ name: 'redis', options: { channel: 'nightly', port: 70_000 } }).map(
        ({ message }) => message,
      ),
    ).toEqual([
      'Feature redis, option port: expected number to be <=65535, got 70000.',
      'Feature redis, option channel: expected one of "stable", "test", got "nightly".',
    ]);
  });

  it('refuses conflicts, circles, and requirements that cannot be met', () => {
    expect(problemsOf({ name: 'valkey' }, { name: 'redis' })).toMatchObject([
      { code: 'FEATURES_CONFLICT', path: [0], message: 'Feature valkey cannot be on one guest with redis.' },
    ]);
    expect(problemsOf({ name: 'left' }, { name: 'right' })).toMatchObject([
      {
        code: 'FEATURES_CYCLE',
        message: 'Features come before each other in a circle: left → right → left.',
      },
    ]);
    expect(problemsOf({ name: 'needs-strict' })).toMatchObject([
      {
        code: 'FEATURES_OPTIONS',
        path: [0],
        message: 'Feature needs-strict requires strict, which needs options: declare it in the config.',
      },
    ]);
    expect(problemsOf({ name: 'needs-nothing-known' })).toMatchObject([
      {
        code: 'FEATURES_UNKNOWN',
        message: 'Feature needs-nothing-known requires bsae, which no source defines.',
        nearest: 'base',
      },
    ]);
  });
});
