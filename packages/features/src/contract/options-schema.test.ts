import { expect, it } from 'vitest';
import { z } from 'zod';
import { loadFeatures } from '../sources/load-features.js';
import { featuresSchema, optionsSchema } from './options-schema.js';

it('The JSON Schema of options lets an editor complete them, and every text may be a secret', async () => {
  const catalogue = await loadFeatures();
  const docker = catalogue.get('docker');
  if (docker === undefined) throw new Error('docker is missing');
  const schema = optionsSchema(docker.feature);
  expect(schema).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: {
      source: { enum: ['distribution', 'docker'], default: 'distribution' },
      users: { type: 'array', items: { anyOf: [{ type: 'string' }, { required: ['$secret'] }] } },
    },
  });
  expect(schema.required).toBeUndefined();
});

it('The JSON Schema of features names every feature with its options', async () => {
  const schema = featuresSchema(await loadFeatures());
  const text = JSON.stringify(schema);
  for (const name of ['base_setup', 'docker', 'trusted_ca', 'users', 'nfs_mount', 'unattended_upgrades']) {
    expect(text).toContain(`"const":"${name}"`);
  }
  expect(schema).toMatchObject({
    type: 'array',
    items: { anyOf: expect.arrayContaining([{ enum: expect.arrayContaining(['docker']) }]) },
  });
});

it('The JSON Schema of features takes what the packs take and refuses what they refuse, also in deep and open options', async () => {
  const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(featuresSchema(await loadFeatures()))));
  const accepts = (...features: unknown[]): boolean => schema.safeParse(features).success;
  expect(
    accepts('docker', { name: 'docker', options: { daemon: { 'log-opts': { tags: ['a', 1, null] } } } }),
  ).toBe(true);
  expect(
    accepts({ name: 'users', options: { users: [{ name: 'bob', password_hash: { $secret: 'env:BOB' } }] } }),
  ).toBe(true);
  expect(accepts('dokcer')).toBe(false);
  expect(accepts({ name: 'docker', options: { sauce: 'docker' } })).toBe(false);
  expect(accepts({ name: 'docker', options: { source: 'elsewhere' } })).toBe(false);
  expect(accepts({ name: 'users', options: { users: [{ nmae: 'bob' }] } })).toBe(false);
});
