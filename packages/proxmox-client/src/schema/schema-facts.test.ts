import { describe, expect, test } from 'vitest';
import { createParameterCheck } from './check-parameters.js';
import { loadSchemaFacts, type SchemaFacts } from './schema-facts.js';

const facts: SchemaFacts = await loadSchemaFacts();

function check(route: string, parameters: Record<string, unknown>, release?: string) {
  const found = facts.routes[route];
  if (!found) throw new Error(`no route ${route}`);
  return createParameterCheck(facts, found, release)(parameters);
}

describe('the table of facts', () => {
  test('has the whole API of both releases', () => {
    const routes = Object.values(facts.routes);
    const of = (release: string) =>
      routes.filter((route) => route.in === undefined || route.in.includes(release));
    expect([of('8.4').length, of('9.2').length]).toEqual([606, 661]);
  });

  test('holds no prose', () => {
    const kept = new Set(facts.values.flatMap((value) => Object.keys(value)));
    expect([...kept].sort()).toEqual([
      'enum',
      'format',
      'items',
      'maxLength',
      'maximum',
      'minLength',
      'minimum',
      'optional',
      'pattern',
      'properties',
      'requires',
      'type',
    ]);
  });

  test('refers only to descriptions that exist, and to index ranges that are known', () => {
    const known = (reference: number | readonly number[]) =>
      [reference].flat().every((number) => number === -1 || facts.values[number] !== undefined);
    for (const { parameters = {}, data } of Object.values(facts.routes)) {
      expect(known(data)).toBe(true);
      for (const [name, reference] of Object.entries(parameters)) {
        expect(known(reference)).toBe(true);
        if (name.endsWith('[n]')) expect(facts.indexes[name.slice(0, -3)]).toBeGreaterThan(0);
      }
    }
  });

  test('names the privileges of a call', () => {
    expect(facts.routes['POST /nodes/{node}/qemu/{vmid}/status/start']?.permissions).toEqual({
      check: ['perm', '/vms/{vmid}', ['VM.PowerMgmt']],
    });
    expect(facts.routes['POST /access/ticket']).toMatchObject({
      allowtoken: 0,
      permissions: { user: 'world' },
    });
  });
});

describe('the check of parameters', () => {
  const guest = { node: 'pve', vmid: 100 };

  test.each([
    [
      'the ends of a range',
      { ...guest, cores: 1, numa0: 'cpus=0', scsi30: 'x:1', virtio15: 'x:1', unused255: 'x:y' },
    ],
    ['numbers and booleans as text', { ...guest, cores: '2', onboot: '1' }],
    ['lists as text and as lists', { ...guest, delete: ['a', 'b'], tags: 'a;b' }],
    ['values that only one release takes', { ...guest, 'allow-ksm': true }],
  ])('takes %s', (_case, parameters) => {
    expect(check('PUT /nodes/{node}/qemu/{vmid}/config', parameters)).toBeUndefined();
  });

  // The texts are those that a node gives for the same values.
  test.each([
    [{ ...guest, cores: 0 }, { cores: 'value must have a minimum value of 1' }],
    [{ ...guest, cores: '1.5' }, { cores: "type check ('integer') failed - got '1.5'" }],
    [{ ...guest, cores: '0x2' }, { cores: "type check ('integer') failed - got '0x2'" }],
    [{ ...guest, onboot: 'True' }, { onboot: "type check ('boolean') failed - got 'True'" }],
    [{ ...guest, onboot: '' }, { onboot: "type check ('boolean') failed - got ''" }],
    [{ ...guest, digest: 'x'.repeat(41) }, { digest: 'value may only be 40 characters long' }],
    [{ node: 'pve', vmid: 99 }, { vmid: 'value must have a minimum value of 100' }],
    [{ vmid: 100 }, { node: 'property is missing and it is not optional' }],
    [
      { ...guest, unused256: 'x' },
      { unused256: 'property is not defined in schema and the schema does not allow additional properties' },
    ],
  ])('%j is %j', (parameters, errors) => {
    expect(check('PUT /nodes/{node}/qemu/{vmid}/config', parameters)).toEqual(errors);
  });

  test('knows which parameters need another', () => {
    const download = {
      node: 'pve',
      storage: 'local',
      content: 'iso',
      filename: 'a.iso',
      url: 'https://x.example/a.iso',
      checksum: 'ab',
    };
    expect(check('POST /nodes/{node}/storage/{storage}/download-url', download)).toEqual({
      'checksum-algorithm': "missing property required by 'checksum'",
    });
    expect(
      check('POST /nodes/{node}/storage/{storage}/download-url', {
        ...download,
        checksum: undefined,
        url: 'ftp://x',
      }),
    ).toEqual({
      url: 'value does not match the regex pattern',
    });
  });

  test('with a release knows that one only', () => {
    const route = 'PUT /nodes/{node}/qemu/{vmid}/config';
    expect(check(route, { ...guest, 'allow-ksm': true }, '8.4')).toHaveProperty('allow-ksm');
    expect(check(route, { ...guest, 'allow-ksm': true }, '9.2')).toBeUndefined();
  });
});
