import { describe, expect, it } from 'vitest';
import { makeConfig, makeGuest, makeInventory } from '../../test/made-up.js';
import { inspectConfig } from '../config/parse-config.js';
import type { ObservedGuest, WireValue } from '../observe/inventory.js';
import type { Marker } from '../observe/marker.js';
import { importGuests } from './import-guests.js';

/** A guest that somebody else made. */
function found(
  vmid: number,
  config: Readonly<Record<string, WireValue>>,
  overrides: Partial<ObservedGuest> = {},
): ObservedGuest {
  const { marker: _marker, ...guest } = makeGuest({ vmid, name: `vm-${vmid}`, config, ...overrides });
  return guest;
}

/** What is declared of the only machine, and what is said about it. */
function importMachine(config: Readonly<Record<string, WireValue>>, overrides: Partial<ObservedGuest> = {}) {
  const { file, notices } = importGuests(makeInventory([found(100, config, overrides)]), { targets: 'all' });
  const vms: unknown = file.vms;
  return {
    declared: Array.isArray(vms) ? vms[0] : undefined,
    said: notices.map(({ message }) => message).join('\n'),
  };
}

const disk = { scsi0: 'local-lvm:vm-100-disk-0,size=32G', boot: 'order=scsi0', agent: '1', name: 'shop' };

describe('importing a machine', () => {
  it('declares what has a key, and hands on what has none', () => {
    expect(
      importMachine({
        ...disk,
        cores: 4,
        memory: '2048',
        net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=7,firewall=1',
        vga: 'qxl',
        numa: 1,
        tags: 'web;phoenix',
      }),
    ).toEqual({
      declared: {
        vmid: 100,
        name: 'shop',
        tags: ['web'],
        cores: 4,
        memory_mb: 2048,
        disk_size_gb: 32,
        storage_pool: 'local-lvm',
        network_config: [{ mac: 'bc:24:11:00:00:01', bridge: 'vmbr0', vlan: 7, firewall: true }],
        pve_options: { boot: 'order=scsi0', numa: 1, vga: 'qxl' },
      },
      said: '',
    });
  });

  it('writes no secret: a reference stands in its place, and a notice says so', () => {
    const { declared, said } = importMachine({
      ...disk,
      ciuser: 'admin',
      cipassword: '$5$abc$hashed',
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
      ipconfig0: 'ip=10.0.0.5/24,gw=10.0.0.1',
      nameserver: '10.0.0.13',
    });
    expect(declared).toMatchObject({
      user_config: { username: 'admin', password: { $secret: 'env:PHOENIX_PASSWORD_100' } },
      network_config: [{ ip: '10.0.0.5/24', gw: '10.0.0.1', nameserver: ['10.0.0.13'] }],
    });
    expect(said).toContain('PHOENIX_PASSWORD_100');
    expect(JSON.stringify([declared, said])).not.toContain('hashed');
  });

  it('takes the source of a linked clone from its disk', () => {
    const linked = { ...disk, scsi0: 'local:900/base-900-disk-0.qcow2/100/vm-100-disk-0.qcow2,size=8G' };
    expect(importMachine(linked).declared).toMatchObject({ clone_from_vmid: 900, clone_type: 'linked' });
    const base = { ...disk, scsi0: 'local:100/base-100-disk-0.qcow2,size=8G' };
    const template = importMachine(base, { template: true, status: 'stopped' }).declared;
    expect(template).toMatchObject({ is_template: true, storage_pool: 'local' });
    expect(template).not.toHaveProperty('clone_from_vmid');
  });

  it('names what no token may set and what has no key, and hands neither on', () => {
    const { declared, said } = importMachine({
      ...disk,
      args: '-device foo',
      hostpci0: '0000:01:00.0',
      efidisk0: 'local-lvm:vm-100-disk-1,size=4M',
      unused0: 'local-lvm:vm-100-disk-2',
      scsi1: '/dev/disk/by-id/x,size=1G',
    });
    for (const name of ['args', 'hostpci0', 'efidisk0', 'unused0', 'scsi1']) {
      expect(said).toContain(name);
      expect(JSON.stringify(declared)).not.toContain(name);
    }
  });

  it('leaves out, and names, what the configuration would refuse', () => {
    const odd = importMachine({ ...disk, Odd: '1', tags: 'web;-x', kvm: 0 });
    expect(odd.declared).not.toHaveProperty('tags');
    expect(odd.declared).toMatchObject({ pve_options: { kvm: 0 } });
    expect(odd.said).toMatch(/Odd.* cannot be declared/);
    expect(odd.said).toMatch(/tags would not be a valid value/);
    const { declared, said } = importMachine({ ...disk, sockets: 8 });
    expect(declared).not.toHaveProperty('sockets');
    expect(said).toContain('8 sockets');
  });

  it('leaves a machine off that is off, an agent off that is off, and gives a name to one that has none', () => {
    const { name: _name, ...nameless } = disk;
    const { declared, said } = importMachine({ ...nameless, agent: '0' }, { status: 'stopped' });
    expect(declared).toMatchObject({ name: 'vm-100', leave_stopped: true, pve_options: { agent: '0' } });
    expect(said).toContain('agent');
  });
});

describe('importing several guests', () => {
  const twin = { ...disk, net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' };

  it('gives a valid configuration also where two have one address', () => {
    const inventory = makeInventory([found(100, twin), found(101, twin)]);
    const { file } = importGuests(inventory, { targets: 'all' });
    expect(file).toMatchObject({
      vms: [{ network_config: [{ mac: 'bc:24:11:00:00:01' }] }, { pve_options: { net0: twin.net0 } }],
    });
    expect(inspectConfig([{ file: '/x.json', text: JSON.stringify(file) }]).config).toBeDefined();
  });

  it('passes over what is declared, and refuses it where it is named, unless it was asked for', () => {
    const inventory = makeInventory([found(100, twin), found(101, disk)]);
    const config = makeConfig({ vms: [{ vmid: 100, name: 'shop' }] });
    expect(importGuests(inventory, { targets: 'all', config }).vmids).toEqual([101]);
    expect(() => importGuests(inventory, { targets: [100], config })).toThrow(
      expect.objectContaining({ code: 'PHOENIX_ALREADY_DECLARED' }),
    );
    expect(importGuests(inventory, { targets: [100], config, includeDeclared: true }).vmids).toEqual([100]);
  });

  it('refuses what does not exist or is only reserved', () => {
    const inventory = makeInventory([found(100, {}, { lock: 'clone' })]);
    const code = (value: string) => expect.objectContaining({ code: value });
    expect(() => importGuests(inventory, { targets: [100] })).toThrow(code('PHOENIX_RESERVED'));
    expect(() => importGuests(inventory, { targets: [102] })).toThrow(code('PHOENIX_GUEST_GONE'));
    expect(importGuests(inventory, { targets: 'all' })).toEqual({ file: {}, vmids: [], notices: [] });
  });

  it('says of guests that Phoenix made what cannot be read back', () => {
    const marker: Marker = { v: 1, id: 100, stage: 'ready', applied: {}, names: ['docker'] };
    const { notices } = importGuests(makeInventory([{ ...found(100, disk), marker }]), { targets: [100] });
    expect(notices).toMatchObject([{ code: 'import-managed', message: expect.stringContaining('docker') }]);
  });
});
