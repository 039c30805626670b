/** How PVE types a config value when it reads the file (QemuServer.pm, confdesc): everything else is a string. */
const integerKeys = new Set([
  'balloon',
  'cores',
  'cpuunits',
  'migrate_speed',
  'shares',
  'smp',
  'sockets',
  'vcpus',
  'snaptime',
  'running-nets-host-mtu',
]);
const booleanKeys = new Set([
  'acpi',
  'allow-ksm',
  'autostart',
  'ciupgrade',
  'freeze',
  'keephugepages',
  'kvm',
  'localtime',
  'numa',
  'onboot',
  'protection',
  'reboot',
  'tablet',
  'tdf',
  'template',
]);

/** The JSON value of a stored one: integers and booleans are numbers, all else is text. */
export function configValue(key: string, stored: string): string | number {
  if (integerKeys.has(key)) return Number.parseInt(stored, 10);
  if (booleanKeys.has(key)) return /^(1|on|yes|true)$/i.test(stored) ? 1 : 0;
  return stored;
}

/** What is wrong with a value at the moment of writing (after verification, which lets `+2` pass); undefined when nothing. */
export function storedValueFault(key: string, value: string): string | undefined {
  return integerKeys.has(key) && !/^-?\d+$/.test(value)
    ? `type check ('integer') failed - got '${value}'`
    : undefined;
}

const privileges: Readonly<Record<string, readonly string[]>> = {
  'VM.Config.CPU': ['cores', 'cpu', 'cpulimit', 'cpuunits', 'numa', 'smp', 'sockets', 'vcpus'],
  'VM.Config.Memory': ['memory', 'balloon', 'shares', 'allow-ksm'],
  'VM.Config.HWType': [
    'acpi',
    'hotplug',
    'kvm',
    'machine',
    'scsihw',
    'smbios1',
    'tablet',
    'vga',
    'watchdog',
    'audio0',
    'rng0',
  ],
  'VM.Config.Options': [
    'agent',
    'autostart',
    'bios',
    'description',
    'keyboard',
    'localtime',
    'migrate_downtime',
    'migrate_speed',
    'name',
    'onboot',
    'ostype',
    'protection',
    'reboot',
    'startdate',
    'startup',
    'tdf',
    'template',
    'tags',
    'hookscript',
    'vmgenid',
  ],
  'VM.PowerMgmt': ['freeze'],
  'VM.Config.Disk': ['boot', 'bootdisk', 'vmstatestorage'],
};

const cloudInitKeys = new Set([
  'cicustom',
  'cipassword',
  'citype',
  'ciuser',
  'ciupgrade',
  'nameserver',
  'searchdomain',
  'sshkeys',
]);
const privilegeOfKey = new Map(
  Object.entries(privileges).flatMap(([privilege, keys]) => keys.map((key) => [key, privilege] as const)),
);

/** What a caller other than root@pam needs for a key. */
export type KeyRule =
  | { readonly kind: 'privileges'; readonly anyOf: readonly string[] }
  /** Checked where the value is known (drives, unused disks, serial, usb and PCI devices, directories). */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'root' };

/** The rule for changing a key (API2/Qemu.pm, check_vm_modify_config_perm). */
export function ruleOfKey(key: string): KeyRule {
  if (
    key === 'cdrom' ||
    /^(unused|ide|scsi|virtio|sata|serial|usb|hostpci|virtiofs)\d+$/.test(key) ||
    key === 'efidisk0' ||
    key === 'tpmstate0'
  ) {
    return { kind: 'elsewhere' };
  }
  if (/^numa\d+$/.test(key)) return { kind: 'privileges', anyOf: ['VM.Config.CPU'] };
  const privilege = privilegeOfKey.get(key);
  if (privilege !== undefined) return { kind: 'privileges', anyOf: [privilege] };
  if (cloudInitKeys.has(key) || /^ipconfig\d+$/.test(key))
    return { kind: 'privileges', anyOf: ['VM.Config.Cloudinit', 'VM.Config.Network'] };
  if (/^net\d+$/.test(key)) return { kind: 'privileges', anyOf: ['VM.Config.Network'] };
  return { kind: 'root' };
}

/** The keys of GET …/cloudinit, in PVE's table order. */
export const cloudInitOptionKeys: readonly string[] = [...cloudInitKeys];

/** Does a change of this key wait for the cloud-init drive to be generated anew (Cloudinit.pm, cloudinit_pending_properties)? */
export function isCloudInitRecorded(key: string): boolean {
  return key === 'name' || cloudInitKeys.has(key) || /^(ipconfig|net)\d+$/.test(key);
}

/** Keys that take effect on a running guest at once, without any device being touched (QemuServer.pm, fast_plug_option). */
export function isFastPlugged(key: string): boolean {
  return fastPlugged.has(key) || cloudInitKeys.has(key) || /^ipconfig\d+$/.test(key);
}

const fastPlugged = new Set([
  'description',
  'hookscript',
  'lock',
  'migrate_downtime',
  'migrate_speed',
  'name',
  'onboot',
  'protection',
  'shares',
  'startup',
  'tags',
  'vmstatestorage',
]);

const plainKeys = new Set([
  ...privilegeOfKey.keys(),
  ...cloudInitKeys,
  'affinity',
  'amd-sev',
  'arch',
  'args',
  'efidisk0',
  'hugepages',
  'intel-tdx',
  'ivshmem',
  'keephugepages',
  'lock',
  'meta',
  'parent',
  'runningcpu',
  'runningmachine',
  'snaptime',
  'spice_enhancements',
  'tpmstate0',
  'vmstate',
]);
const indexedKeys: Readonly<Record<string, number>> = {
  hostpci: 16,
  ide: 4,
  ipconfig: 32,
  net: 32,
  numa: 8,
  parallel: 3,
  sata: 6,
  scsi: 31,
  serial: 4,
  unused: 256,
  usb: 14,
  virtio: 16,
  virtiofs: 10,
};

/** Is there such an option at all (for `delete` and `revert`)? */
export function isOption(key: string): boolean {
  if (plainKeys.has(key)) return true;
  const match = /^([a-z]+)(0|[1-9]\d*)$/.exec(key);
  return match !== null && Number(match[2]) < (indexedKeys[match[1] ?? ''] ?? 0);
}
