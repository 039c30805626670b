import { expectTypeOf, test } from 'vitest';
import type { ProxmoxClient } from '../client/proxmox-client.js';

declare const client: ProxmoxClient;

test('a call without required parameters needs none', () => {
  expectTypeOf(client.request('GET /version')).resolves.toHaveProperty('release').toEqualTypeOf<string>();
  // @ts-expect-error the node is required
  void client.request('GET /nodes/{node}/qemu');
});

test('paths and verbs are those of the API', () => {
  // @ts-expect-error no such path
  void client.request('GET /nodes/{node}/nosuch', { node: 'pve' });
  // @ts-expect-error containers have no POST of their configuration
  void client.request('POST /nodes/{node}/lxc/{vmid}/config', { node: 'pve', vmid: 100 });
});

test('parameters are checked by name, type and enumeration', () => {
  void client.request('PUT /nodes/{node}/qemu/{vmid}/config', {
    node: 'pve',
    vmid: 100,
    cores: 2,
    net31: 'virtio',
  });
  // @ts-expect-error a number is wanted
  void client.request('PUT /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100, cores: 'two' });
  // @ts-expect-error no such key
  void client.request('PUT /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100, coers: 2 });
  // @ts-expect-error network cards go up to net31
  void client.request('PUT /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100, net32: 'virtio' });
  // @ts-expect-error not one of the firmwares
  void client.request('PUT /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100, bios: 'uefi' });
});

test('results have the types of the schema', async () => {
  const config = await client.request('GET /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100 });
  expectTypeOf(config.onboot).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(config.cores).toEqualTypeOf<number | undefined>();
  expectTypeOf(config.scsi30).toEqualTypeOf<string | undefined>();
  // @ts-expect-error no such drive
  config.scsi31;
});

test('a client of one release knows the calls of that release only', () => {
  const old = client.forRelease('8.4');
  void client.request('GET /cluster/ha/rules');
  // @ts-expect-error HA rules came with 9.0
  void old.request('GET /cluster/ha/rules');
});
