import { loadFeatures } from '@phoenix/features';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchemaWithFeatures } from './config-schema-with-features.js';

test('the schema of a configuration knows the options of features wherever guests are declared', async () => {
  const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(configSchemaWithFeatures(await loadFeatures()))));
  const accepts = (features: readonly unknown[]): readonly boolean[] => [
    schema.safeParse({ vms: [{ vmid: 100, name: 'a', features }] }).success,
    schema.safeParse({ vm_defaults: { features } }).success,
    schema.safeParse({ lxc_defaults: { features } }).success,
    schema.safeParse({ lxc_configs: { '950': { name: 'a', features } } }).success,
  ];
  const all = (answer: boolean): readonly boolean[] => Array(4).fill(answer);
  expect(accepts(['base_setup', { name: 'docker', options: { daemon: { debug: true } } }])).toEqual(
    all(true),
  );
  expect(accepts([{ name: 'docker', options: { sauce: 1 } }])).toEqual(all(false));
  expect(accepts([{ name: 'dokcer' }])).toEqual(all(false));
});
