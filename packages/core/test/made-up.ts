import { type Config, type Inventory, type ObservedGuest, parseConfig } from '../src/index.js';

/** The configuration that a text in the users' own format describes. */
export function makeConfig(value: unknown): Config {
  return parseConfig([{ file: '/made-up/phoenix.json', text: JSON.stringify(value) }], {
    homeDirectory: '/made-up',
    readTextFile: () => undefined,
  });
}

/** One node with the two storages that the first users have, and no guests. */
export function makeInventory(guests: readonly ObservedGuest[] = []): Inventory {
  return {
    release: '9.2',
    nodes: [{ node: 'pve', online: true, bridges: ['vmbr0'] }],
    storages: [
      {
        storage: 'local',
        node: 'pve',
        content: ['import', 'iso', 'vztmpl'],
        active: true,
        shared: false,
        type: 'dir',
      },
      {
        storage: 'quickOS-vm-disks',
        node: 'pve',
        content: ['images', 'rootdir'],
        active: true,
        shared: false,
        type: 'lvmthin',
      },
    ],
    resources: guests.map((guest) => ({
      vmid: guest.vmid,
      kind: guest.kind,
      node: guest.node,
      status: guest.status,
      template: guest.template,
      tags: [],
      ...(guest.name === undefined ? {} : { name: guest.name }),
      ...(guest.lock === undefined ? {} : { lock: guest.lock }),
    })),
    guests: Object.fromEntries(guests.map((guest) => [String(guest.vmid), guest])),
    images: {},
  };
}

/** A machine that is as declared in `firstUsersFile` for 8001, and finished. */
export function makeGuest(overrides: Partial<ObservedGuest> = {}): ObservedGuest {
  return {
    vmid: 8001,
    kind: 'machine',
    node: 'pve',
    name: 'docker-vm-01',
    status: 'running',
    template: false,
    digest: '0123456789abcdef',
    pending: {},
    text: '',
    config: {
      name: 'docker-vm-01',
      cores: 4,
      memory: '8192',
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
      agent: 'enabled=1',
      tags: 'phoenix',
      scsi0: 'quickOS-vm-disks:vm-8001-disk-0,size=100G',
      boot: 'order=scsi0',
    },
    marker: { v: 1, id: 8001, stage: 'ready', applied: { cores: 4, memory: '8192' } },
    ...overrides,
  };
}

/** The file that the first users have, unchanged. */
export const firstUsersFile = {
  vm_defaults: {
    template: 'ubuntu-24.04-standard',
    cores: 4,
    memory_mb: 8192,
    disk_size_gb: 100,
    storage_pool: 'quickOS-vm-disks',
    network_bridge: 'vmbr0',
  },
  vms: [
    {
      vmid: 8000,
      name: 'ubuntu-2404-cloud-template',
      is_template: true,
      template_image: 'noble-server-cloudimg-amd64.img',
      network_config: { ip: 'dhcp' },
      user_config: { username: 'phoenix_user' },
    },
    {
      vmid: 8001,
      name: 'docker-vm-01',
      clone_from_vmid: 8000,
      features: ['docker'],
      network_config: { ip: '10.0.0.101/24', gw: '10.0.0.1' },
      user_config: { username: 'phoenix_user' },
    },
  ],
};
