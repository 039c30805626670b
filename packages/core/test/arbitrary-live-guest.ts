import fc from 'fast-check';

/** A guest as somebody else makes it: parameters of the creating call, and what is done with it afterwards. */
export interface LiveGuest {
  readonly kind: 'machine' | 'container';
  readonly set: Readonly<Record<string, string | number>>;
  readonly start: boolean;
  /** Whether a change waits for its next start. */
  readonly pending: boolean;
  readonly template: boolean;
  /** How many clones of it there are; linked ones where it is a template. */
  readonly clones: number;
}

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const sometimes = (values: readonly string[]) => fc.constantFrom(undefined, ...values);

const mac = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 })
  .map(
    (octets) =>
      `BC:24:11:${octets.map((octet) => octet.toString(16).padStart(2, '0').toUpperCase()).join(':')}`,
  );

const address = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 254 }))
  .map(([network, host]) => ({ ip: `10.0.${network}.${host}/24`, gw: `10.0.${network}.254` }));

const common = {
  cores: maybe(fc.integer({ min: 1, max: 8 })),
  tags: sometimes(['web', 'phoenix', 'web;Prod', 'a.b;phoenix']),
  description: sometimes([
    'for people',
    ' begins with a blank',
    'two\nlines',
    '<!-- phoenix: {"v":1} -->',
    'ends in blanks  ',
    '# Ü',
  ]),
  onboot: maybe(fc.constantFrom(0, 1)),
  protection: maybe(fc.constantFrom(0, 1)),
  startup: sometimes(['order=2', 'order=1,up=30', '3', 'up=10', 'order=1,down=60', 'down=5']),
  cpuunits: maybe(fc.integer({ min: 8, max: 2000 })),
};

const device = fc
  .record({
    model: fc.constantFrom('virtio', 'e1000', 'ne2k_pci', 'rtl8139'),
    mac,
    vlan: maybe(fc.integer({ min: 1, max: 4094 })),
    firewall: maybe(fc.constantFrom(0, 1)),
    further: sometimes(['queues=2', 'rate=10,link_down=1', 'mtu=1400', 'mtu=1', 'trunks=3;5']),
  })
  .map(({ model, mac: hardware, vlan, firewall, further }) =>
    [
      `${model}=${hardware}`,
      'bridge=vmbr0',
      ...(vlan === undefined ? [] : [`tag=${vlan}`]),
      ...(firewall === undefined ? [] : [`firewall=${firewall}`]),
      ...(further === undefined ? [] : [further]),
    ].join(','),
  );

const machine = fc.record({
  ...common,
  name: sometimes(['shop', 'db-1', 'a.example.org']),
  memory: fc.constantFrom(512, 1024),
  sockets: maybe(fc.integer({ min: 1, max: 6 })),
  cpu: sometimes(['host', 'x86-64-v2-AES', 'host,flags=+aes']),
  bios: sometimes(['seabios', 'ovmf']),
  machine: sometimes(['q35']),
  agent: sometimes(['0', '1', 'enabled=1', '1,fstrim_cloned_disks=1', 'enabled=0,type=isa']),
  ostype: sometimes(['l26', 'win11', 'other']),
  scsihw: sometimes(['virtio-scsi-single', 'lsi']),
  numa: maybe(fc.constantFrom(0, 1)),
  kvm: maybe(fc.constantFrom(0, 1)),
  tablet: maybe(fc.constantFrom(0, 1)),
  balloon: maybe(fc.constantFrom(0, 256)),
  vga: sometimes(['std', 'serial0', 'qxl,memory=32']),
  serial0: sometimes(['socket']),
  rng0: sometimes(['source=/dev/urandom']),
  hotplug: sometimes(['network,disk', '0']),
  smbios1: sometimes(['uuid=11111111-2222-3333-4444-555555555555']),
  ciuser: sometimes(['admin', 'Administrator']),
  cipassword: sometimes(['hunter22']),
  sshkeys: sometimes([
    encodeURIComponent('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDq2p8uYwXyEJb8sZJm8Vd0o5mG2 a@b'),
  ]),
  ipconfig0: sometimes([
    'ip=dhcp',
    'ip=10.9.0.5/24,gw=10.9.0.1',
    'ip=10.9.1.5/24,gw=10.8.0.1',
    'ip6=auto',
    'gw=10.9.0.1,ip=10.9.0.6/24,ip6=dhcp',
  ]),
  nameserver: sometimes(['10.0.0.13', '10.0.0.13 1.1.1.1']),
  searchdomain: sometimes(['example.org']),
});

function printMachine(
  keys: Readonly<Record<string, string | number | undefined>>,
  disks: readonly string[],
  devices: readonly string[],
  gap: boolean,
): Record<string, string | number> {
  const set: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(keys)) if (value !== undefined) set[key] = value;
  for (const [index, disk] of disks.entries()) {
    const [slot, value] = disk.split(' ');
    if (index === 0) set.boot = `order=${slot}`;
    if (slot !== undefined && value !== undefined) set[slot] = value;
  }
  for (const [index, value] of devices.entries()) set[`net${index + (gap ? 1 : 0)}`] = value;
  return set;
}

const arbitraryMachine: fc.Arbitrary<LiveGuest> = fc
  .record({
    keys: machine,
    first: fc.constantFrom('scsi0', 'virtio0', 'sata0', 'ide0'),
    further: fc.subarray([
      'scsi1 quickOS-vm-disks:2',
      'virtio1 quickOS-vm-disks:1,cache=writeback',
      'scsi5 quickOS-vm-disks:3,discard=on,ssd=1',
      'ide3 quickOS-vm-disks:1',
      'ide2 none,media=cdrom',
      'sata5 quickOS-vm-disks:cloudinit',
      'efidisk0 quickOS-vm-disks:1,efitype=4m',
    ]),
    settings: fc.constantFrom('', ',discard=on', ',cache=writethrough'),
    devices: fc.array(device, { maxLength: 3 }),
    gap: fc.boolean(),
    state: fc.constantFrom('running', 'stopped', 'template'),
    clones: fc.integer({ min: 0, max: 1 }),
    pending: fc.boolean(),
  })
  .map(({ keys, first, further, settings, devices, gap, state, clones, pending }) => ({
    kind: 'machine',
    set: printMachine(keys, [`${first} quickOS-vm-disks:4${settings}`, ...further], devices, gap),
    start: state === 'running',
    pending,
    template: state === 'template',
    clones: state === 'template' ? clones : 0,
  }));

const vethOptions = ['', ',firewall=1', ',tag=12', ',mtu=1400,rate=5', ',link_down=1'];

const veth = fc
  .record({
    mac,
    address: fc.oneof(
      address.map(({ ip, gw }) => `,ip=${ip},gw=${gw}`),
      address.map(({ ip }) => `,ip=${ip}`),
      fc.constantFrom('', ',ip=dhcp', ',ip=manual', ',ip6=auto', ',ip=dhcp,ip6=dhcp'),
    ),
    options: fc.constantFrom(...vethOptions),
  })
  .map(
    ({ mac: hardware, address: addresses, options }) =>
      `hwaddr=${hardware},bridge=vmbr0${addresses}${options}`,
  );

const container = fc.record({
  ...common,
  hostname: sometimes(['ct-1', 'ct.example.org']),
  memory: maybe(fc.constantFrom(256, 512)),
  swap: maybe(fc.constantFrom(0, 512)),
  unprivileged: fc.constantFrom(0, 1),
  cmode: sometimes(['tty', 'shell', 'console']),
  tty: maybe(fc.integer({ min: 1, max: 4 })),
  cpulimit: maybe(fc.integer({ min: 1, max: 4 })),
  nameserver: sometimes(['10.0.0.13', '10.0.0.13 1.1.1.1']),
  searchdomain: sometimes(['example.org']),
  timezone: sometimes(['UTC']),
});

const arbitraryContainer: fc.Arbitrary<LiveGuest> = fc
  .record({
    keys: container,
    nesting: fc.boolean(),
    points: fc.subarray(['mp=/data', 'mp=/logs,backup=1', 'mp=/x,ro=1', 'mp=/y,mountoptions=noatime']),
    gap: fc.boolean(),
    devices: fc.array(veth, { maxLength: 2 }),
    state: fc.constantFrom('running', 'stopped', 'template'),
  })
  .map(({ keys, nesting, points, gap, devices, state }) => {
    const set: Record<string, string | number> = { rootfs: 'quickOS-vm-disks:2' };
    for (const [key, value] of Object.entries(keys)) if (value !== undefined) set[key] = value;
    if (nesting && keys.unprivileged === 1) set.features = 'nesting=1';
    for (const [index, point] of points.entries())
      set[`mp${index + (gap ? 1 : 0)}`] = `quickOS-vm-disks:1,${point}`;
    for (const [index, value] of devices.entries()) set[`net${index}`] = `name=eth${index},${value}`;
    return {
      kind: 'container',
      set,
      start: state === 'running',
      pending: false,
      template: state === 'template',
      clones: 0,
    };
  });

/** A few guests of either kind, as they are found on a cluster. */
export const arbitraryLiveGuests: fc.Arbitrary<readonly LiveGuest[]> = fc.array(
  fc.oneof(arbitraryMachine, arbitraryContainer),
  { minLength: 1, maxLength: 4 },
);
