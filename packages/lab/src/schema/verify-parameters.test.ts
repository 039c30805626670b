import { describe, expect, test } from 'vitest';
import { loadApiSchema } from './api-schema.js';
import { printPropertyString, splitPropertyString } from './property-string.js';
import { type RawValue, verifyObject } from './verify-parameters.js';

async function errorsOf(key: string, values: Record<string, RawValue>, release: '8.4' | '9.2' = '9.2') {
  const schema = await loadApiSchema(release);
  const facts = schema.facts(key);
  return verifyObject(schema.parameters(facts), values, { release, open: facts.open === 1 });
}

describe('parameters are verified in the words of PVE', () => {
  const create = 'POST /nodes/{node}/qemu';
  test.each<[string, RawValue, string]>([
    ['onboot', 'maybe', "type check ('boolean') failed - got 'maybe'"],
    ['onboot', 'true', "type check ('boolean') failed - got 'true'"],
    ['cores', 0, 'value must have a minimum value of 1'],
    ['cores', '0x2', "type check ('integer') failed - got '0x2'"],
    ['cores', ' 2', "type check ('integer') failed - got ' 2'"],
    ['cores', 1.5, "type check ('integer') failed - got '1.5'"],
    ['name', 'under_score', 'invalid format - value does not look like a valid DNS name\n'],
    [
      'memory',
      'lots',
      "invalid format - format error\nmemory.current: type check ('integer') failed - got 'lots'\n",
    ],
    ['memory', 8, 'invalid format - format error\nmemory.current: value must have a minimum value of 16\n'],
    [
      'net0',
      'virtio,bridge=vmbr0,foo=1',
      'invalid format - format error\nnet0.foo: property is not defined in schema and the schema does not allow additional properties\n',
    ],
    [
      'net0',
      'virtio,bridge=v m',
      "invalid format - format error\nnet0.bridge: invalid format - invalid bridge ID 'v m'\n\n",
    ],
    [
      'net0',
      'virtio=01:02:03:04:05:06',
      'invalid format - format error\nnet0.macaddr: invalid format - value does not look like a valid unicast MAC address\n\n',
    ],
    ['net0', { model: 'virtio' }, "type check ('string') failed - got HASH"],
    [
      'net32',
      'virtio',
      'property is not defined in schema and the schema does not allow additional properties',
    ],
    [
      'scsi0',
      'nonsense',
      "invalid format - format error\nscsi0.file: invalid format - unable to parse volume ID 'nonsense'\n\n",
    ],
    ['tags', 'a b!', 'invalid format - invalid characters in tag\n'],
    ['sshkeys', 'ssh-ed25519 AAAA', 'invalid format - invalid urlencoded string: ssh-ed25519 AAAA\n'],
    ['digest', 'x', 'property is not defined in schema and the schema does not allow additional properties'],
    ['vmid', ['1', '2'], "type check ('integer') failed - got ARRAY"],
    [
      'agent',
      '1,foo=2',
      'invalid format - format error\nagent.foo: property is not defined in schema and the schema does not allow additional properties\n',
    ],
    ['startup', 'first', 'invalid format - unable to parse startup options\n'],
  ])('%s=%o', async (name, value, text) => {
    const errors = await errorsOf(create, { node: 'pve', vmid: 100, [name]: value });
    expect(errors[name]).toBe(text);
  });

  test('all problems are told at once', async () => {
    expect(Object.keys(await errorsOf(create, { node: 'pve', cores: 0, foo: 1 })).sort()).toEqual([
      'cores',
      'foo',
      'vmid',
    ]);
  });

  test('what one key requires of another is worded by release', async () => {
    const values = { node: 'pve', vmid: 100, ipconfig0: 'gw=10.0.0.1' };
    expect((await errorsOf(create, values, '8.4')).ipconfig0).toContain(
      "missing property - 'ipconfig0.gw' requires this property",
    );
    expect((await errorsOf(create, values, '9.2')).ipconfig0).toContain(
      "missing property required by 'ipconfig0.gw'",
    );
  });

  test('what is right has no errors', async () => {
    const values = {
      node: 'pve',
      vmid: '100',
      name: 'docker-vm-01',
      memory: '8192',
      cores: 4,
      onboot: true,
      scsi0: 'quickOS-vm-disks:0,import-from=local:import/noble.qcow2,discard=on',
      ide2: 'local:iso/seed.iso,media=cdrom',
      net0: 'virtio,bridge=vmbr0,tag=12',
      boot: 'order=scsi0;net0',
      agent: 'enabled=1,fstrim_cloned_disks=1',
      ipconfig0: 'ip=10.0.0.101/24,gw=10.0.0.1',
      tags: 'phoenix,web',
      cpu: 'host,flags=+aes',
    };
    expect(await errorsOf(create, values)).toEqual({});
  });
});

describe('property strings', () => {
  test('aliases of keys and bare values find their place, and printing puts them back', async () => {
    const schema = await loadApiSchema('9.2');
    const { format } = schema.parameters(schema.facts('POST /nodes/{node}/qemu'))['net[n]'] ?? {};
    if (typeof format !== 'object') throw new Error('net[n] has no keys');
    const values = splitPropertyString(format, 'bridge=vmbr0,virtio=BC:24:11:00:00:01,firewall=on');
    expect(values).toEqual({ bridge: 'vmbr0', model: 'virtio', macaddr: 'BC:24:11:00:00:01', firewall: '1' });
    expect(printPropertyString(format, values)).toBe('virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1');
  });
});
