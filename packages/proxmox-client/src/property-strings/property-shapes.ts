import type { PropertyShape } from './property-string.js';

const NIC_MODELS = [
  'e1000',
  'e1000-82540em',
  'e1000-82544gc',
  'e1000-82545em',
  'e1000e',
  'i82551',
  'i82557b',
  'i82559er',
  'ne2k_isa',
  'ne2k_pci',
  'pcnet',
  'rtl8139',
  'virtio',
  'vmxnet3',
];

const DRIVE_SWITCHES = [
  'backup',
  'detect_zeroes',
  'iothread',
  'pre-enrolled-keys',
  'replicate',
  'ro',
  'scsiblock',
  'shared',
  'snapshot',
  'ssd',
];

/** Drives of machines: `ide0`, `scsi0`, `efidisk0`, … Source: qemu-server QemuServer/Drive.pm. */
export const DRIVE_SHAPE: PropertyShape = {
  defaultKey: 'file',
  aliases: { volume: 'file' },
  booleans: DRIVE_SWITCHES,
  sizes: ['size'],
  serverOwned: ['size', 'format', 'import-from'],
  defaults: { media: 'disk' },
};

/** Network cards of machines. A MAC that is not given is drawn by the server. Source: qemu-server QemuServer/Network.pm. */
export const NET_SHAPE: PropertyShape = {
  defaultKey: 'model',
  combined: { choice: 'model', value: 'macaddr', choices: NIC_MODELS },
  booleans: ['firewall', 'link_down'],
  lists: ['trunks'],
  caseless: ['macaddr'],
  serverOwned: ['macaddr'],
  defaults: { firewall: '0', link_down: '0' },
};

/** Network cards of containers. Source: pve-container LXC/Config.pm. */
export const LXC_NET_SHAPE: PropertyShape = {
  booleans: ['firewall', 'host-managed', 'link_down'],
  lists: ['trunks'],
  caseless: ['hwaddr'],
  serverOwned: ['hwaddr', 'type'],
  defaults: { firewall: '0', link_down: '0' },
};

/** Volumes of containers: `rootfs`, `mp0`, … Source: pve-container LXC/Config.pm. */
export const LXC_VOLUME_SHAPE: PropertyShape = {
  defaultKey: 'volume',
  booleans: ['acl', 'backup', 'keepattrs', 'quota', 'replicate', 'ro', 'shared'],
  lists: ['mountoptions'],
  sizes: ['size'],
  serverOwned: ['size'],
};

/** Addresses for cloud-init. Source: qemu-server QemuServer.pm. */
export const IP_CONFIG_SHAPE: PropertyShape = { caseless: ['ip6', 'gw6'] };

/** The QEMU guest agent. Source: qemu-server QemuServer/Agent.pm. */
export const AGENT_SHAPE: PropertyShape = {
  defaultKey: 'enabled',
  aliases: { 'freeze-fs-on-backup': 'freeze-fs', 'guest-fsfreeze': 'freeze-fs' },
  booleans: ['enabled', 'freeze-fs', 'fstrim_cloned_disks'],
  defaults: { enabled: '0', 'freeze-fs': '1', fstrim_cloned_disks: '0', type: 'virtio' },
};

/** Boot order: `order=scsi0;net0`, or the letters of old. Source: qemu-server QemuServer.pm. */
export const BOOT_SHAPE: PropertyShape = { defaultKey: 'legacy', lists: ['order'] };

/** Order and delays at the node's start and shutdown. Source: pve-common JSONSchema.pm pve-startup-order. */
export const STARTUP_SHAPE: PropertyShape = { defaultKey: 'order' };

/** PCI devices passed through. Source: qemu-server QemuServer/PCI.pm. */
export const HOSTPCI_SHAPE: PropertyShape = {
  defaultKey: 'host',
  booleans: ['legacy-igd', 'pcie', 'rombar', 'x-vga'],
  lists: ['host'],
  defaults: { 'legacy-igd': '0', pcie: '0', rombar: '1', 'x-vga': '0' },
};

/**
 * The remaining property strings of machines by setting, without its number. Sources: qemu-server QemuServer.pm,
 * QemuServer/CPUConfig.pm, QemuServer/USB.pm, QemuServer/Virtiofs.pm.
 */
export const OTHER_QEMU_SHAPES = {
  cpu: { defaultKey: 'cputype', booleans: ['hidden'], lists: ['flags'], defaults: { hidden: '0' } },
  vga: { defaultKey: 'type' },
  machine: { defaultKey: 'type' },
  memory: { defaultKey: 'current' },
  numa: { lists: ['cpus', 'hostnodes'] },
  rng0: { defaultKey: 'source' },
  smbios1: { booleans: ['base64'], caseless: ['uuid'], serverOwned: ['uuid'], defaults: { base64: '0' } },
  cicustom: {},
  usb: { defaultKey: 'host', booleans: ['usb3'], defaults: { usb3: '0' } },
  virtiofs: { defaultKey: 'dirid', booleans: ['direct-io', 'expose-acl', 'expose-xattr'] },
  watchdog: { defaultKey: 'model' },
  audio0: { defaults: { driver: 'spice' } },
  ivshmem: {},
  spice_enhancements: { booleans: ['foldersharing'] },
  'amd-sev': { defaultKey: 'type', booleans: ['allow-smt', 'kernel-hashes', 'no-debug', 'no-key-sharing'] },
} as const satisfies Readonly<Record<string, PropertyShape>>;

/** The remaining property strings of containers. Source: pve-container LXC/Config.pm. */
export const OTHER_LXC_SHAPES = {
  features: {
    booleans: ['force_rw_sys', 'fuse', 'keyctl', 'mknod', 'nesting'],
    lists: ['mount'],
    defaults: { nesting: '0', keyctl: '0', fuse: '0', mknod: '0', force_rw_sys: '0' },
  },
  dev: { defaultKey: 'path', booleans: ['deny-write'] },
} as const satisfies Readonly<Record<string, PropertyShape>>;
