import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getGuestConfig } from '@phoenix/proxmox-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEmptyPlan, listActions } from '../src/index.js';
import { failures, finish, type LabSession, openLab } from './lab-session.js';
import { firstUsersFile } from './made-up.js';

let session: LabSession;
let directory: string;

beforeAll(async () => {
  session = await openLab({
    storages: {
      local: { content: 'iso,vztmpl,import,snippets,backup', path: '/var/lib/vz' },
      'quickOS-vm-disks': { content: 'images,rootdir', path: '/mnt/pve/quickOS-vm-disks' },
      'quickOS-lxc-disks': { type: 'zfspool', content: 'images,rootdir' },
    },
  });
  directory = await mkdtemp(join(tmpdir(), 'phoenix-lxc-'));
  await writeFile(template(), Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(4096)]));
});
afterAll(async () => {
  await session.close();
  await rm(directory, { recursive: true, force: true });
});

const template = () => join(directory, 'ubuntu-24.04-standard_24.04-2_amd64.tar.zst');

/** Every key of the first users' schema of containers that has a meaning. */
const meaningful = () => ({
  ...firstUsersFile,
  lxc_defaults: { storage_pool: 'quickOS-lxc-disks', unprivileged: true, swap_mb: 256, tags: ['first'] },
  lxc_configs: {
    '900': {
      name: 'Copy-Base',
      start_at_boot: true,
      boot_order: 5,
      boot_delay: 10,
      memory_mb: 2048,
      swap_mb: 512,
      cores: 2,
      template: template(),
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
      unprivileged: true,
      features: ['base_setup'],
      pct_options: ['nesting=1', '--cpulimit 2'],
      template_snapshot_name: 'final-form',
      snapshots: { 'pre-features': 'pre', 'post-features': 'post' },
      health_check: { command: '/bin/true', retries: 5, interval: 10 },
      firewall: {
        enabled: true,
        rules: [{ type: 'in', action: 'ACCEPT', proto: 'icmp', source: '10.0.0.0/24', comment: 'x' }],
      },
      mount_points: [{ size_gb: 2, container_path: '/srv', backup: true }],
      dependencies: [8001],
    },
    '901': {
      name: 'Clone',
      clone_from_ctid: '900',
      dependencies: ['900'],
      memory_mb: 1024,
      network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.201/24', gw: '10.0.0.1' },
    },
    '902': {
      name: 'Second-Clone',
      clone_from_ctid: '900',
      network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.202/24', gw: '10.0.0.1' },
    },
  },
});

/** What their files have beyond that, for which a token or an API is not enough. */
const beyond = () => {
  const file = meaningful();
  return {
    ...file,
    lxc_configs: {
      ...file.lxc_configs,
      '900': {
        ...file.lxc_configs['900'],
        gpu_assignment: '0, 1',
        portainer_role: 'none',
        lxc_options: ['lxc.apparmor.profile=unconfined', 'lxc.mount.auto:sys:rw'],
        pct_options: ['nesting=1', 'keyctl=1', '--hookscript local:snippets/x.sh', '--dev0 /dev/dri/card0'],
        apparmor_profile: 'unconfined',
        apparmor_manages_nesting: true,
        enable_lifecycle_snapshots: true,
        application_script: 'x.sh',
        id_maps: {},
        vllm_engine_config: { a: 1 },
        bootstrap_ca_url: 'https://ca.example.org',
        ports: ['8000:8000'],
        tests: {},
        zfs_volumes: [{ name: 'v', pool: 'p', size_gb: 1, mount_point: '/v' }],
        mount_points: [
          { host_path: '/mnt/pve/logs', container_path: '/var/log/nginx', owner_uid: 33, owner_gid: 33 },
        ],
      },
    },
  };
};

describe('the first users’ file of containers', () => {
  it('plans with every key of its schema, and the plan says what cannot be set and who could', async () => {
    const plan = await session.orchestrator(beyond()).plan('all');
    const notices = plan.guests.flatMap((guest) => guest.notices);
    expect(notices.find(({ code }) => code === 'lxc-options')?.message).toContain(
      'lxc.apparmor.profile, lxc.mount.auto of 900 (Copy-Base): raw lxc.* lines cannot be set through the API',
    );
    const rootOnly = notices.find(({ code }) => code === 'root-only')?.message ?? '';
    for (const key of ['mp0 (bind mount)', 'features', 'hookscript', 'dev0']) expect(rootOnly).toContain(key);
    expect(rootOnly).toContain('not by an API token');
    expect(notices.find(({ code }) => code === 'mount-owner')?.message).toContain('mp0 (/var/log/nginx)');
    const { changes } = listActions(plan).find(({ id }) => id === '900/create') ?? { changes: [] };
    expect(Object.fromEntries(changes.map(({ key, declared }) => [key, declared]))).toMatchObject({
      name: 'Copy-Base',
      cores: 2,
      memory_mb: 2048,
      swap_mb: 512,
      start_at_boot: 1,
      boot_order: 'order=5,up=10',
      nameservers: '8.8.8.8',
      unprivileged: true,
      storage_size_gb: 16,
      tags: 'first;phoenix',
    });
  });

  it('becomes machines and containers in one run, clones of a running container from its snapshot one by one', async () => {
    const orchestrator = session.orchestrator(meaningful());
    const run = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(failures(run)).toEqual([]);
    const clones = run.events.flatMap((event) =>
      (event.type === 'action-started' || event.type === 'action-finished') &&
      ['901/clone', '902/clone'].includes(event.actionId)
        ? [event.type]
        : [],
    );
    expect(clones).toEqual(['action-started', 'action-finished', 'action-started', 'action-finished']);
    expect(run.summary.warnings.map(({ message }) => message)).toEqual([]);
    const config = await getGuestConfig(session.client, { kind: 'lxc', node: 'pve', vmid: 900 });
    expect(config).toMatchObject({
      hostname: 'Copy-Base',
      cores: 2,
      memory: 2048,
      swap: 512,
      onboot: true,
      startup: 'order=5,up=10',
      nameserver: '8.8.8.8',
      unprivileged: true,
      features: 'nesting=1',
      cpulimit: 2,
      tags: 'first;phoenix',
    });
    expect(String(config.net0)).toContain('hwaddr=52:54:00:AA:BB:CC');
    expect(String(config.mp0)).toMatch(/mp=\/srv/);
    expect(String(config.mp0)).toMatch(/size=2G/);
    const clone = await getGuestConfig(session.client, { kind: 'lxc', node: 'pve', vmid: 901 });
    expect(clone).toMatchObject({ hostname: 'Clone', memory: 1024, swap: 256 });
    expect(String(clone.net0)).not.toContain('52:54:00:AA:BB:CC');
  });

  it('needs nothing in a second run', async () => {
    const plan = await session.orchestrator(meaningful()).plan('all');
    expect(listActions(plan).map((action) => [action.id, action.changes])).toEqual([]);
    expect(isEmptyPlan(plan)).toBe(true);
  });

  it('is told before anything is done that a storage cannot hold the snapshots it declares', async () => {
    const file = meaningful();
    const moved = {
      ...file,
      lxc_configs: {
        '910': {
          name: 'ct',
          template: template(),
          storage_pool: 'quickOS-vm-disks',
          template_snapshot_name: 'x1',
        },
      },
    };
    await expect(session.orchestrator(moved).plan('all')).rejects.toMatchObject({
      code: 'PHOENIX_NO_SNAPSHOTS',
      message: expect.stringContaining('"quickOS-vm-disks" (dir) cannot hold snapshots of containers'),
    });
  });

  it('is told before anything is done that a running container cannot be cloned as it is', async () => {
    const file = {
      lxc_configs: {
        '910': { name: 'source', template: template(), storage_pool: 'quickOS-vm-disks' },
        '911': { name: 'clone', clone_from_ctid: 910 },
      },
    };
    await expect(session.orchestrator(file).plan('all')).rejects.toMatchObject({
      code: 'PHOENIX_CLONE_SOURCE_RUNNING',
      hint: expect.stringContaining('is_template'),
    });
  });

  it('is told that a clone takes over a fixed address', async () => {
    const file = meaningful();
    const { network_config: _, ...clone } = file.lxc_configs['901'];
    const plan = await session
      .orchestrator({ ...file, lxc_configs: { ...file.lxc_configs, '903': { ...clone, name: 'third' } } })
      .plan([903]);
    expect(plan.guests.flatMap(({ notices }) => notices).map(({ code }) => code)).toContain('same-address');
  });
});
