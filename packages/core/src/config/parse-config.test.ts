import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { DeclaredContainer, DeclaredMachine } from './model.js';
import { inspectConfig, type ParseConfigOptions, parseConfig } from './parse-config.js';

const FIRST_USERS = `{ "vm_defaults": { "template": "ubuntu-24.04-standard", "cores": 4, "memory_mb": 8192, "disk_size_gb": 100, "storage_pool": "quickOS-vm-disks", "network_bridge": "vmbr0" },
  "vms": [
    { "vmid": 8000, "name": "ubuntu-2404-cloud-template", "is_template": true, "template_image": "noble-server-cloudimg-amd64.img",
      "network_config": { "ip": "dhcp" }, "user_config": { "username": "phoenix_user" } },
    { "vmid": 8001, "name": "docker-vm-01", "clone_from_vmid": 8000, "features": ["docker"],
      "network_config": { "ip": "10.0.0.101/24", "gw": "10.0.0.1" }, "user_config": { "username": "phoenix_user" } } ] }`;

const load = (content: unknown, options?: ParseConfigOptions) =>
  parseConfig(
    [{ file: '/etc/phoenix/c.json', text: typeof content === 'string' ? content : JSON.stringify(content) }],
    options,
  );
const inspect = (content: unknown, options?: ParseConfigOptions) =>
  inspectConfig(
    [{ file: '/etc/phoenix/c.json', text: typeof content === 'string' ? content : JSON.stringify(content) }],
    options,
  ).problems;
const machine = (content: unknown, options?: ParseConfigOptions): DeclaredMachine => {
  const [guest] = load({ vms: [{ vmid: 100, name: 'a', ...Object(content) }] }, options).guests;
  if (guest?.kind !== 'machine') throw new Error('no machine');
  return guest;
};
const container = (content: unknown): DeclaredContainer => {
  const [guest] = load({ lxc_configs: { 100: { name: 'a', ...Object(content) } } }).guests;
  if (guest?.kind !== 'container') throw new Error('no container');
  return guest;
};
const problemsOf = (content: unknown, options?: ParseConfigOptions) =>
  inspect({ vms: [{ vmid: 100, name: 'a', ...Object(content) }] }, options).map(
    ({ severity, kind, path, message }) => ({ severity, kind, path: path.slice(2).join('.'), message }),
  );

describe('the first users’ file', () => {
  test('loads unchanged, with its defaults merged', () => {
    const config = load(FIRST_USERS);
    expect(config.warnings).toEqual([]);
    expect(config.guests).toMatchObject([
      {
        kind: 'machine',
        vmid: 8000,
        isTemplate: true,
        cores: 4,
        memoryMib: 8192,
        diskGib: 100,
        storage: 'quickOS-vm-disks',
        image: {
          kind: 'catalogue',
          image: { url: 'https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img' },
        },
        networks: [{ index: 0, bridge: 'vmbr0', ipv4: { kind: 'dhcp' } }],
        position: { line: 3, column: 5 },
      },
      {
        vmid: 8001,
        cloneFrom: { vmid: 8000, linked: false },
        features: [{ name: 'docker', options: {}, position: { line: 5 } }],
        networks: [{ ipv4: { kind: 'static', address: '10.0.0.101/24', gateway: '10.0.0.1' } }],
        user: { username: 'phoenix_user', sshKeys: [], groups: [] },
      },
    ]);
    expect(config.guests[1]).not.toHaveProperty('image');
    expect(config.guests[1]?.positions.cores).toMatchObject({ line: 1 });
  });

  test('means the same in YAML', () => {
    const text = stringify(JSON.parse(FIRST_USERS));
    const [json, yaml] = [load(FIRST_USERS), parseConfig([{ file: '/etc/phoenix/c.yaml', text }])];
    const bare = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (key, entry: unknown) =>
          key === 'position' || key === 'positions' ? undefined : entry,
        ),
      );
    expect(bare(yaml.guests)).toEqual(bare(json.guests));
  });
});

describe('defaults', () => {
  test('are merged key by key; arrays are replaced, null takes away', () => {
    const { guests } = load({
      vm_defaults: {
        features: ['base_setup'],
        network_config: { ip: 'dhcp', nameserver: '10.0.0.13', vlan: 7 },
        tags: ['x'],
        memory_mb: 512,
      },
      vms: [
        {
          vmid: 100,
          name: 'a',
          features: ['docker'],
          network_config: { ip: '10.0.0.5/24' },
          memory_mb: null,
        },
        { vmid: 101, name: 'b', network_config: [{ ip: 'dhcp' }, { ip6: 'auto' }] },
      ],
    });
    expect(guests[0]).toMatchObject({
      features: [{ name: 'docker' }],
      tags: ['x'],
      networks: [{ vlan: 7, nameservers: ['10.0.0.13'], ipv4: { address: '10.0.0.5/24' } }],
    });
    expect(guests[0]).not.toHaveProperty('memoryMib');
    expect(guests[1]?.networks).toMatchObject([
      { index: 0, ipv4: { kind: 'dhcp' } },
      { index: 1, ipv6: { kind: 'auto' } },
    ]);
    expect(guests[1]?.networks[0]).not.toHaveProperty('vlan');
    expect(guests[1]?.networks[1]).not.toHaveProperty('ipv4');
  });

  test('give their image only to machines without image and clone source', () => {
    const { guests } = load({
      vm_defaults: { template: 'debian-12' },
      vms: [
        { vmid: 100, name: 'a' },
        { vmid: 101, name: 'b', clone_from_vmid: 100 },
        { vmid: 102, name: 'c', template_image: 'noble' },
      ],
    });
    expect(guests.map((guest) => guest.image?.kind === 'catalogue' && guest.image.name)).toEqual([
      'debian-12',
      false,
      'noble',
    ]);
  });

  test('that are wrong are reported once, in their own place', () => {
    const problems = inspect({
      vm_defaults: { cores: 'four' },
      vms: [
        { vmid: 100, name: 'a' },
        { vmid: 101, name: 'b' },
      ],
    });
    expect(problems).toMatchObject([
      { path: ['vm_defaults', 'cores'], line: 1, column: 25, expected: 'a number', got: '"four"' },
    ]);
  });

  test('hold for the guests of their own file', () => {
    const { guests } = parseConfig([
      { file: 'a.json', text: '{"vm_defaults":{"cores":2},"vms":[{"vmid":100,"name":"a"}]}' },
      {
        file: 'b.json',
        text: '{"vms":[{"vmid":101,"name":"b"}],"lxc_defaults":{"cores":1},"lxc_configs":{"102":{"name":"c"}}}',
      },
    ]);
    expect(guests.map((guest) => guest.cores)).toEqual([2, undefined, 1]);
  });
});

describe('problems', () => {
  test('are all reported at once, with place, expected, got and what was meant', () => {
    const text = `{
  "vm_defaults": { "memory": 8192 },
  "vms": [
    { "vmid": 80, "name": "ubuntu_template", "is_template": "yes",
      "network_config": { "ip": "10.0.0.101", "gatway": "10.0.0.1" }, "bios": "ovfm" },
    { "vmid": 8001, "template_imge": "noble" }
  ]
}`;
    expect(
      inspect(text).map(({ severity, line, column, path, expected, got, hint, nearest }) => ({
        severity,
        at: `${line}:${column}`,
        path: path.join('.'),
        expected,
        got,
        hint,
        nearest,
      })),
    ).toEqual([
      {
        severity: 'warning',
        at: '2:20',
        path: 'vm_defaults.memory',
        nearest: 'memory_mb',
      },
      { severity: 'error', at: '4:15', path: 'vms.0.vmid', expected: 'at least 100', got: '80' },
      {
        severity: 'error',
        at: '4:27',
        path: 'vms.0.name',
        expected: 'a DNS name: letters, digits and hyphens, such as docker-vm-01',
        got: '"ubuntu_template"',
        hint: 'Host names take hyphens: "ubuntu-template".',
      },
      {
        severity: 'error',
        at: '4:61',
        path: 'vms.0.is_template',
        expected: 'true or false',
        got: '"yes"',
        hint: 'Write true, without quotes.',
      },
      {
        severity: 'error',
        at: '5:33',
        path: 'vms.0.network_config.ip',
        expected: 'dhcp, or an address with its prefix such as 10.0.0.101/24',
        got: '"10.0.0.101"',
        hint: 'Add the prefix length, for example 10.0.0.101/24.',
      },
      {
        severity: 'warning',
        at: '5:47',
        path: 'vms.0.network_config.gatway',
        nearest: 'gw',
      },
      {
        severity: 'error',
        at: '5:79',
        path: 'vms.0.bios',
        expected: '"seabios" or "ovmf"',
        got: '"ovfm"',
        nearest: 'ovmf',
      },
      { severity: 'error', at: '6:5', path: 'vms.1.name', expected: 'a text' },
      {
        severity: 'warning',
        at: '6:21',
        path: 'vms.1.template_imge',
        nearest: 'template_image',
      },
    ]);
  });

  test('make parseConfig throw one error that holds them all', () => {
    expect(() => load({ vms: [{ vmid: 1 }] })).toThrow(
      expect.objectContaining({
        code: 'PHOENIX_CONFIG',
        details: { problems: [expect.anything(), expect.anything()] },
      }),
    );
  });

  test('of unknown keys are warnings, and errors when strict', () => {
    expect(problemsOf({ zebra: 1 })).toMatchObject([
      { severity: 'warning', kind: 'unknown-key', path: 'zebra' },
    ]);
    expect(problemsOf({ zebra: 1 }, { strict: true })).toMatchObject([
      { severity: 'error', kind: 'unknown-key' },
    ]);
    expect(problemsOf({ nameserver: '1.1.1.1' })).toMatchObject([{ severity: 'warning' }]);
    expect(inspect({ vms: [{ vmid: 100, name: 'a', nameserver: '1.1.1.1' }] })[0]?.hint).toBe(
      'It belongs under "network_config".',
    );
  });

  test('name a key that could not be kept', () => {
    const text = '{"vms":[{"vmid":100,"name":"a","features":[{"name":"x","options":{"__proto__":1}}]}]}';
    expect(inspect(text)).toMatchObject([{ severity: 'error', line: 1, column: 67 }]);
  });

  test('never show a secret', () => {
    const problems = inspect({
      vms: [
        {
          vmid: 100,
          name: 'a',
          user_config: {
            username: 'u',
            password: ['hunter22'],
            ssh_keys: ['-----BEGIN OPENSSH PRIVATE KEY-----\nsecretstuff'],
          },
        },
      ],
    });
    expect(problems.length).toBeGreaterThan(1);
    expect(JSON.stringify(problems)).not.toMatch(/hunter22|secretstuff/);
  });

  test.each([
    ['[]', 'an object'],
    ['{"vms": {}}', 'an array of machines'],
    ['{"lxc_configs": []}', 'an object of containers by id'],
    ['{"lxc_configs": {"web": {"name": "a"}}}', 'a number from 100 to 999999999 in quotes'],
    ['"x"', 'an object'],
  ])('of the whole file %s name what was expected', (text, expected) => {
    expect(inspect(text)[0]).toMatchObject({ severity: 'error', expected });
  });

  test('survive any values in any place', () => {
    const keys = fc.constantFrom(
      'vmid',
      'name',
      'cores',
      'features',
      'network_config',
      'user_config',
      'volumes',
      'firewall',
      'health_check',
      'pve_options',
      'qm_options',
      'dependencies',
      'snapshots',
      'zebra',
      '__proto__',
    );
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(keys, fc.jsonValue()), { maxLength: 3 }),
        fc.dictionary(keys, fc.jsonValue()),
        (vms, vm_defaults) => {
          const { config, problems } = inspectConfig([
            { file: 'x.json', text: JSON.stringify({ vms, vm_defaults }) },
          ]);
          expect(config !== undefined || problems.length > 0).toBe(true);
          for (const problem of problems) expect(problem.line).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a machine', () => {
  test('keeps texts of any language through JSON and YAML', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc
          .string({ unit: 'grapheme', minLength: 1 })
          .filter((text) => text.trim() !== '' && text !== '__proto__'),
        (description, option) => {
          const content = {
            vms: [
              { vmid: 100, name: 'a', description, features: [{ name: 'x', options: { [option]: option } }] },
            ],
          };
          for (const [file, text] of [
            ['x.json', JSON.stringify(content)],
            ['x.yaml', `# ${JSON.stringify(option)}\n${stringify(content)}`],
          ] as const) {
            const [guest] = parseConfig([{ file, text }]).guests;
            expect(guest?.description).toBe(description);
            expect(guest?.features[0]?.options).toEqual({ [option]: option });
          }
        },
      ),
    );
  });

  test('takes what the first users write for numbers, lists and options', () => {
    expect(
      machine({
        clone_from_vmid: '9000',
        dependencies: ['102', 103, '102'],
        qm_options: ['--vga qxl', '-balloon=0', "args '-a b'"],
        pve_options: { kvm: 0 },
        network_config: {
          ip: '10.0.0.2/24',
          gw: '10.0.0.1',
          nameserver: '10.0.0.13, 1.1.1.1',
          searchdomain: 'a.b c.d',
          mac: '52:54:00:AA:BB:CC',
        },
        snapshots: { pre_features: 'before', 'post-features': 'after' },
        volumes: [
          { type: 'nfs', name: 'p', path: '/srv', mount_point: '/mnt', server: '10.0.0.13' },
          { name: 'models', pool: 'fast', size_gb: 50, mount_point: '/models' },
        ],
        firewall: {
          enabled: true,
          rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: 22, sport: '1:2' }],
        },
        health_check: { command: 'true', interval: '5s' },
        timeouts: { agent: '5m', feature: 90 },
        start_at_boot: true,
        boot_order: 1,
        boot_delay: 10,
        node: ['pve1', 'pve2'],
      }),
    ).toMatchObject({
      cloneFrom: { vmid: 9000 },
      dependencies: [102, 103],
      pveOptions: [
        { key: 'vga', value: 'qxl' },
        { key: 'balloon', value: '0' },
        { key: 'args', value: '-a b' },
        { key: 'kvm', value: 0 },
      ],
      networks: [
        { nameservers: ['10.0.0.13', '1.1.1.1'], searchDomains: ['a.b', 'c.d'], mac: '52:54:00:aa:bb:cc' },
      ],
      snapshots: { preFeatures: 'before', postFeatures: 'after' },
      volumes: [
        { kind: 'nfs', server: '10.0.0.13', path: '/srv', mountPoint: '/mnt' },
        { kind: 'disk', slot: 'scsi30', storage: 'fast', sizeGib: 50, mountPoint: '/models' },
      ],
      extraDisks: [{ slot: 'scsi30', storage: 'fast', sizeGib: 50 }],
      firewall: { enabled: true, rules: [{ port: '22', sourcePort: '1:2', enabled: true }] },
      healthCheck: { command: 'true', retries: 3, intervalMs: 5000, timeoutMs: 30_000 },
      timeouts: { agentMs: 300_000, featureMs: 90_000 },
      startAtBoot: true,
      nodes: ['pve1', 'pve2'],
    });
    expect(machine({ node: 'any' }).nodes).toEqual([]);
  });

  test.each([
    ['noble-server-cloudimg-amd64.img', { kind: 'catalogue' }],
    ['https://example.org/x.qcow2', { kind: 'url', url: 'https://example.org/x.qcow2' }],
    ['/srv/x.img', { kind: 'path', path: '/srv/x.img' }],
    ['./x.img', { kind: 'path', path: '/etc/phoenix/x.img' }],
    ['images/x.img', { kind: 'path', path: '/etc/phoenix/images/x.img' }],
    ['~/x.img', { kind: 'path', path: '/home/me/x.img' }],
    ['local:import/x.qcow2', { kind: 'volume', volid: 'local:import/x.qcow2' }],
  ])('takes the image %s for what it is', (template_image, expected) => {
    expect(machine({ template_image }, { homeDirectory: '/home/me' }).image).toMatchObject(expected);
  });

  test('has images of the configuration, and a mirror for those of the catalogue', () => {
    const images = { mine: { url: 'https://example.org/a/b.qcow2', checksum: `sha256:${'AB'.repeat(32)}` } };
    const { guests } = load(
      {
        images,
        vms: [
          { vmid: 100, name: 'a', template_image: 'mine' },
          { vmid: 101, name: 'b', template_image: 'debian-12' },
        ],
      },
      { imageMirror: 'http://127.0.0.1:1/images' },
    );
    expect(guests.map((guest) => guest.image)).toMatchObject([
      {
        image: {
          url: 'https://example.org/a/b.qcow2',
          checksum: 'ab'.repeat(32),
          checksumAlgorithm: 'sha256',
          fileName: 'b.qcow2',
        },
      },
      {
        image: {
          url: 'http://127.0.0.1:1/images/debian-12-genericcloud-amd64.qcow2',
          checksumUrl: 'http://127.0.0.1:1/images/SHA512SUMS',
        },
      },
    ]);
  });

  test('places further disks in free slots', () => {
    expect(
      machine({
        storage_pool: 'fast',
        extra_disks: [
          { size_gb: 1 },
          { size_gb: 2, slot: 'scsi1' },
          { size_gb: 3, slot: 'virtio0', storage_pool: 'slow' },
          { size_gb: 4 },
        ],
      }).extraDisks,
    ).toMatchObject([
      { slot: 'scsi2', sizeGib: 1, storage: 'fast' },
      { slot: 'scsi1' },
      { slot: 'virtio0', storage: 'slow' },
      { slot: 'scsi3' },
    ]);
  });

  test('uses the template of user-data beside its file, or the one it names', () => {
    const files: Record<string, string> = {
      '/etc/phoenix/user-data.template.yml': 'beside',
      '/etc/phoenix/own.yml': 'own',
    };
    const readTextFile = (path: string) => files[path];
    expect(machine({}, { readTextFile }).userDataTemplate).toEqual({
      path: '/etc/phoenix/user-data.template.yml',
      text: 'beside',
    });
    expect(machine({ user_data_template: 'own.yml' }, { readTextFile }).userDataTemplate?.text).toBe('own');
    expect(machine({}, { readTextFile: () => undefined })).not.toHaveProperty('userDataTemplate');
    expect(problemsOf({ user_data_template: 'none.yml' }, { readTextFile })).toMatchObject([
      { kind: 'file', severity: 'error' },
    ]);
  });

  test.each([
    [{ template_image: 'nobel' }, 'reference', 'No image is known by the name "nobel".'],
    [
      { template_image: 'noble', clone_from_vmid: 9000 },
      'conflict',
      'The machine names an image and a clone source.',
    ],
    [{ clone_from_vmid: 100 }, 'cycle', 'The machine is cloned from itself.'],
    [{ features: ['a', { name: 'a' }] }, 'duplicate', 'The feature "a" is asked for twice.'],
    [
      { features: [{ name: 'a', options: { list: [{ $secret: 'vault:x' }] } }] },
      'invalid-value',
      'The reference to a secret is not valid.',
    ],
    [{ pve_options: { memory: 1 } }, 'conflict', 'The option "memory" cannot be set as a raw one.'],
    [{ qm_options: ['--lock backup'] }, 'conflict', 'The option "lock" cannot be set as a raw one.'],
    [{ qm_options: ['nonsense'] }, 'invalid-value', 'The option is not one.'],
    [
      { network_config: { ip: '10.0.0.0/24' } },
      'invalid-value',
      'The address is the network address of its own network.',
    ],
    [
      { network_config: { ip: '10.0.0.255/24' } },
      'invalid-value',
      'The address is the broadcast address of its own network.',
    ],
    [
      { network_config: { ip: '10.0.0.5/24', gw: '10.0.1.1' } },
      'invalid-value',
      'The gateway is not in the network of the address.',
    ],
    [
      { network_config: { ip: '10.0.0.5/24', gw: '10.0.0.5' } },
      'invalid-value',
      'The gateway is the address of the guest itself.',
    ],
    [
      { network_config: { ip6: 'fd00::2/64', gw6: 'fd01::1' } },
      'invalid-value',
      'The gateway is not in the network of the address.',
    ],
    [
      {
        extra_disks: [
          { size_gb: 1, slot: 'scsi1' },
          { size_gb: 1, slot: 'scsi1' },
        ],
      },
      'duplicate',
      'Two disks are attached at scsi1.',
    ],
  ])('with %j is refused', (content, kind, message) => {
    expect(problemsOf(content)).toMatchObject([{ severity: 'error', kind, message }]);
  });

  test.each([
    [{ network_config: { ip: 'dhcp', gw: '10.0.0.1' } }, 'The gateway is not used: "ip" is "dhcp".'],
    [{ user_config: { username: 'a', password: 'clear' } }, 'A password is written in the configuration.'],
    [{ dependencies: [999] }, 'Guest 999, on which 100 (a) depends, is not declared.'],
    [{ portainer_role: 'agent' }, 'The key "portainer_role" is not acted on.'],
  ])('with %j is warned of', (content, message) => {
    expect(problemsOf(content)).toMatchObject([{ severity: 'warning', message }]);
  });

  test.each([
    { network_config: { ip: '203.0.113.5/32', gw: '198.51.100.1' } },
    { network_config: { ip6: 'fd00::2/64', gw6: 'fe80::1' } },
    { network_config: { ip: '10.0.0.4/31', gw: '10.0.0.5' } },
    { name: 'vllm-qwen2.5-7b-awq' },
    { name: 'Dr-Phoenix' },
    {
      user_config: {
        username: 'a',
        password: { $secret: 'env:X' },
        ssh_keys: [{ $secret: 'file:~/.ssh/id.pub' }],
      },
    },
    {
      user_config: {
        username: 'a',
        ssh_keys: [
          'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtHdE2ui6 a b',
          'from="10.0.0.0/8" ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB',
        ],
      },
    },
  ])('with %j is accepted without a word', (content) => {
    expect(problemsOf(content)).toEqual([]);
  });
});

describe('a container', () => {
  test('of the first users validates, with every key of theirs', () => {
    const text = JSON.stringify({
      $schema: '/usr/local/phoenix_hypervisor/etc/phoenix_lxc_configs.schema.json',
      nvidia_driver_version: '580.76.05',
      nvidia_repo_url: 'https://example.org/cuda/',
      nvidia_runfile_url: 'https://example.org/driver.run',
      lxc_configs: {
        900: {
          name: 'Copy-Base',
          start_at_boot: false,
          boot_order: 0,
          boot_delay: 0,
          memory_mb: 2048,
          swap_mb: 512,
          cores: 2,
          template: '/fastData/shared-iso/template/cache/ubuntu-24.04-standard_24.04-2_amd64.tar.zst',
          storage_pool: 'quickOS-lxc-disks',
          storage_size_gb: 16,
          network_config: {
            name: 'eth0',
            bridge: 'vmbr0',
            ip: '10.0.0.200/24',
            gw: '10.0.0.1',
            nameservers: '8.8.8.8',
          },
          mac_address: '52:54:00:AA:BB:CC',
          gpu_assignment: '0, 1',
          portainer_role: 'none',
          unprivileged: true,
          features: ['base_setup'],
          lxc_options: ['lxc.apparmor.profile=unconfined', 'lxc.mount.auto:sys:rw'],
          pct_options: ['nesting=1', '--cpulimit 2'],
          template_snapshot_name: 'final-form',
          apparmor_profile: 'unconfined',
          apparmor_manages_nesting: true,
          enable_lifecycle_snapshots: true,
          application_script: 'x.sh',
          vllm_model: null,
          vllm_port: 8000,
          vllm_engine_config: { a: 1 },
          ports: ['8000:8000'],
          tests: {},
          run_integration_tests: true,
          zfs_volumes: [{ name: 'v', pool: 'p', size_gb: 1, mount_point: '/v' }],
          health_check: { command: '/bin/true', retries: 5, interval: 10 },
          firewall: {
            enabled: true,
            rules: [{ type: 'in', action: 'ACCEPT', proto: 'icmp', source: '10.0.0.0/24', comment: 'x' }],
          },
          mount_points: [
            { host_path: '/mnt/pve/logs', container_path: '/var/log/nginx', owner_uid: 33, owner_gid: 33 },
          ],
        },
        901: {
          name: 'Clone',
          clone_from_ctid: '900',
          dependencies: ['900'],
          network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.201/24', gw: '10.0.0.1' },
        },
      },
    });
    const { config, problems } = inspectConfig([{ file: '/etc/phoenix/l.json', text }], { strict: true });
    expect(new Set(problems.map((problem) => problem.kind))).toEqual(new Set(['ignored-key']));
    expect(config?.guests).toMatchObject([
      {
        kind: 'container',
        vmid: 900,
        memoryMib: 2048,
        swapMib: 512,
        diskGib: 16,
        unprivileged: true,
        image: { kind: 'path' },
        networks: [{ name: 'eth0', bridge: 'vmbr0', mac: '52:54:00:aa:bb:cc', nameservers: ['8.8.8.8'] }],
        pveOptions: [
          { key: 'cpulimit', value: '2' },
          { key: 'features', value: 'nesting=1' },
        ],
        lxcOptions: [
          { key: 'lxc.apparmor.profile', value: 'unconfined' },
          { key: 'lxc.mount.auto', value: 'sys:rw' },
        ],
        mountPoints: [{ slot: 'mp0', path: '/var/log/nginx', source: '/mnt/pve/logs', ownerUid: 33 }],
      },
      { vmid: 901, cloneFrom: { vmid: 900, linked: false, snapshotName: 'final-form' }, dependencies: [900] },
    ]);
  });

  test('takes a bare template for one of the index of Proxmox VE', () => {
    expect(container({ template: 'debian-12-standard_12.7-1_amd64.tar.zst' }).image).toEqual({
      kind: 'appliance',
      name: 'debian-12-standard_12.7-1_amd64.tar.zst',
    });
    expect(container({ template: 'local:vztmpl/x.tar.zst' }).image).toEqual({
      kind: 'volume',
      volid: 'local:vztmpl/x.tar.zst',
    });
    expect(container({}).unprivileged).toBe(true);
  });

  test('has its volumes from Proxmox VE, which formats and mounts them', () => {
    const volumes = [{ size_gb: 5, mount_point: '/srv' }];
    expect(container({ storage_pool: 'fast', volumes }).mountPoints).toEqual([
      { slot: 'mp100', path: '/srv', storage: 'fast', sizeGib: 5 },
    ]);
    const nfs = [{ server: 'nas', path: '/a', mount_point: '/a' }];
    expect(inspect({ lxc_configs: { 100: { name: 'a', volumes: nfs } } })).toMatchObject([
      { severity: 'warning', kind: 'ignored-key' },
    ]);
  });

  test('names one source for each mount point', () => {
    const problems = inspect({
      lxc_configs: {
        100: {
          name: 'a',
          mount_points: [{ container_path: '/a' }, { container_path: 'b', size_gb: 1, volume: 'x:y' }],
        },
      },
    });
    expect(problems.map((problem) => problem.message)).toEqual([
      'A mount point has exactly one source.',
      '"container_path" is not valid.',
      'A mount point has exactly one source.',
    ]);
  });
});

describe('guests together', () => {
  const vm = (vmid: number, more: object = {}) => ({ vmid, name: `vm-${vmid}`, ...more });
  const kinds = (content: unknown) =>
    inspect(content).map(({ severity, kind, message }) => `${severity} ${kind} ${message}`);

  test('share one id space, over kinds and files', () => {
    expect(kinds({ vms: [vm(100), vm(100)], lxc_configs: { 100: { name: 'c' } } })).toEqual(
      [
        'error duplicate The id 100 is declared twice.',
        'error duplicate The id 100 is declared twice.',
      ].concat(['warning duplicate The name "vm-100" is used twice.'].slice(0, 0)),
    );
    const two = ['a.json', 'b.json'].map((file) => ({ file, text: JSON.stringify({ vms: [vm(100)] }) }));
    expect(inspectConfig(two).problems).toMatchObject([
      { file: 'b.json', kind: 'duplicate', hint: expect.stringContaining('a.json:1:') },
    ]);
  });

  test('have addresses of their own', () => {
    const net = (ip: string, more: object = {}) => ({ network_config: { bridge: 'vmbr0', ip, ...more } });
    expect(kinds({ vms: [vm(100, net('10.0.0.5/24')), vm(101, net('10.0.0.5/16'))] })).toEqual([
      'error duplicate The address 10.0.0.5/16 is used twice on one network.',
    ]);
    expect(kinds({ vms: [vm(100, net('10.0.0.5/24')), vm(101, net('10.0.0.5/24', { vlan: 5 }))] })).toEqual(
      [],
    );
    expect(
      kinds({ vms: [vm(100, { ...net('10.0.0.5/24'), is_template: true }), vm(101, net('10.0.0.5/24'))] }),
    ).toEqual(['warning duplicate The address 10.0.0.5/24 is used twice on one network.']);
    const six = (ip6: string) => ({ network_config: { bridge: 'vmbr0', ip6 } });
    expect(kinds({ vms: [vm(100, six('fd00::5/64')), vm(101, six('fd00:0:0::5/64'))] })).toHaveLength(1);
    expect(
      kinds({
        vms: [
          vm(100, net('dhcp', { mac: '52:54:00:00:00:01' })),
          vm(101, net('dhcp', { mac: '52:54:00:00:00:01' })),
        ],
      }),
    ).toEqual(['error duplicate The MAC address 52:54:00:00:00:01 is used twice.']);
  });

  test('wait for each other in no circle, machines and containers alike', () => {
    expect(
      kinds({
        vms: [vm(100, { clone_from_vmid: 101 }), vm(101, { dependencies: [102] })],
        lxc_configs: { 102: { name: 'c', dependencies: [100] } },
      }),
    ).toEqual(['error cycle Guests wait for each other: 100 → 101 → 102 → 100.']);
    expect(kinds({ vms: [vm(100, { dependencies: [100] })] })).toEqual([
      'error cycle 100 (vm-100) depends on itself.',
    ]);
    const chain = Array.from({ length: 5000 }, (_, index) =>
      vm(1000 + index, index === 0 ? {} : { dependencies: [999 + index] }),
    );
    expect(kinds({ vms: chain })).toEqual([]);
  });

  test('are cloned from their own kind, linked only from templates, and never smaller', () => {
    expect(kinds({ vms: [vm(100, { clone_from_vmid: 102 })], lxc_configs: { 102: { name: 'c' } } })).toEqual([
      'error reference 100 (vm-100) is a machine and cannot be cloned from the container 102.',
    ]);
    expect(kinds({ vms: [vm(100), vm(101, { clone_from_vmid: 100, clone_type: 'linked' })] })).toEqual([
      'error conflict 101 (vm-101) cannot be a linked clone: 100 is not a template.',
    ]);
    expect(
      kinds({ vms: [vm(100, { disk_size_gb: 50 }), vm(101, { clone_from_vmid: 100, disk_size_gb: 32 })] }),
    ).toEqual([
      'warning conflict The disk of 101 (vm-101) is declared smaller than that of its clone source.',
    ]);
    expect(kinds({ vms: [vm(101, { clone_from_vmid: 9000 })] })).toEqual([]);
  });

  test('are made from the snapshot of a source that stays a machine', () => {
    const { guests } = load({
      vms: [
        vm(100, { template_snapshot_name: 'ready' }),
        vm(101, { clone_from_vmid: 100 }),
        vm(102, { template_snapshot_name: 'ready', is_template: true }),
        vm(103, { clone_from_vmid: 102 }),
      ],
    });
    expect(guests.map((guest) => guest.cloneFrom?.snapshotName)).toEqual([
      undefined,
      'ready',
      undefined,
      undefined,
    ]);
  });

  test('may be checked further by the caller', () => {
    const checks = [
      () => [
        {
          file: 'x',
          line: 1,
          column: 1,
          severity: 'error' as const,
          kind: 'reference' as const,
          path: [],
          message: 'no such feature',
        },
      ],
    ];

    expect(inspect({ vms: [vm(100)] }, { checks })).toMatchObject([{ message: 'no such feature' }]);
  });
});

describe('the way into containers', () => {
  const choice = (container_shell: unknown) =>
    load({ container_shell, lxc_configs: {} }, { homeDirectory: '/home/me' }).containerShell;

  test('is their terminal unless a file says otherwise; paths begin at the file and at home', () => {
    expect(choice(null)).toBeUndefined();
    expect(choice({ kind: 'terminal' })).toEqual({ kind: 'terminal' });
    expect(
      choice({
        kind: 'ssh',
        user: 'ops',
        identity_file: '~/.ssh/pve',
        known_hosts_file: 'known_hosts',
        connect_timeout: '5s',
        nodes: { PVE2: { host: '10.0.0.2', port: 2222, sudo: true } },
      }),
    ).toEqual({
      kind: 'ssh',
      user: 'ops',
      identityFile: '/home/me/.ssh/pve',
      knownHostsFile: '/etc/phoenix/known_hosts',
      connectTimeoutMs: 5000,
      nodes: { pve2: { host: '10.0.0.2', port: 2222, sudo: true } },
    });
  });

  test.each([
    [{ kind: 'ssh', host: '-oProxyCommand=x' }, 'host'],
    [{ kind: 'ssh', user: 'a b' }, 'user'],
    [{ kind: 'ssh', nodes: { pve: { port: 0 } } }, 'port'],
    [{ kind: 'telnet' }, 'kind'],
  ])('%j is refused', (container_shell, key) => {
    const [problem] = inspect({ container_shell, lxc_configs: {} });
    expect(problem).toMatchObject({ severity: 'error' });
    expect(problem?.path.at(-1)).toBe(key);
  });

  test('is one for all files', () => {
    const file = (name: string, user: string) => ({
      file: name,
      text: JSON.stringify({ container_shell: { kind: 'ssh', user }, lxc_configs: {} }),
    });
    const conflicts = (...users: readonly string[]) =>
      inspectConfig(users.map((user, index) => file(`/${index}.json`, user))).problems.filter(
        ({ kind }) => kind === 'conflict',
      );
    expect(conflicts('ops', 'ops')).toEqual([]);
    expect(conflicts('ops', 'root')).toMatchObject([{ file: '/1.json', severity: 'error' }]);
  });
});

describe('what a container cannot take is said', () => {
  test('users other than root, and flags where features are meant', () => {
    expect(
      inspect({ lxc_configs: { 100: { name: 'a', user_config: { username: 'ops', groups: ['adm'] } } } }),
    ).toMatchObject([
      {
        severity: 'warning',
        kind: 'ignored-key',
        message: expect.stringContaining('"username", "groups" are not acted on'),
      },
    ]);
    expect(inspect({ lxc_configs: { 100: { name: 'a', user_config: { username: 'root' } } } })).toEqual([]);
    expect(inspect({ lxc_configs: { 100: { name: 'a', features: 'nesting=1,keyctl=1' } } })).toMatchObject([
      { hint: expect.stringContaining('"pct_options": ["nesting=1","keyctl=1"]') },
    ]);
  });
});
