import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CutRun, cutEverywhere } from './cut-everywhere.js';
import { openGuestDisk } from './guest-disk.js';
import { createRealWorld, PATIENCE, type RealWorld } from './real-world.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtHdE2ui6tyYtjmKuVvRUaWHdCZbJEHqIDGbfBRbUnx real@example';

const template = {
  vmid: 8000,
  name: 'debian-template',
  is_template: true,
  template_image: 'debian-lab.qcow2',
  network_config: { ip: 'dhcp' },
  user_config: { username: 'phoenix', ssh_keys: [KEY] },
};
const clone = {
  vmid: 8001,
  name: 'clone-01',
  clone_from_vmid: 8000,
  clone_type: 'linked',
  disk_size_gb: 3,
  user_data_template: 'first-users.template.yml',
  network_config: { ip: '10.77.0.9/24', gw: '10.77.0.1', nameserver: '10.77.0.3' },
  user_config: { username: 'ada' },
  features: ['hello', 'tree'],
  health_check: { command: 'test -s /etc/hello' },
};
const changedClone = {
  ...clone,
  user_config: { username: 'grace' },
  features: ['hello', 'tree', 'late'],
  // It is asked to go down while it boots, and may well not hear it.
  timeouts: { ...PATIENCE, shutdown: '30s' },
};

/** What a clone says about itself, one value per line. */
const IDENTITY = {
  hostname: 'hostname',
  comment: 'getent passwd ada | cut -d: -f5',
  key: 'cat ~ada/.ssh/authorized_keys',
  motd: 'cat /etc/motd',
  address: 'ip -4 -o addr show scope global | tr -s " " | cut -d" " -f2,4',
  route: 'ip route show default | cut -d" " -f1-3',
  nameserver: 'resolvectl dns | tail -1 | cut -d: -f2',
  machineId: 'cat /etc/machine-id',
  hostKeys: 'ls /etc/ssh | grep -c "^ssh_host_.*_key$"',
  instances: 'ls /var/lib/cloud/instances | wc -l',
  rootMib: 'df -m --output=size / | tail -1',
  state: 'systemctl is-system-running',
  hello: 'cat /etc/hello',
  runsOfHello: 'wc -l </var/lib/hello.runs',
  tree: 'tree --version | cut -c1-6',
};

describe('a template and a clone of it', () => {
  let world: RealWorld;
  let run: CutRun;
  let planned: readonly string[];
  let machineId: string;

  beforeAll(async () => {
    world = await createRealWorld('clone');
    world.declare(template, clone);
  });
  afterAll(async () => {
    await world?.close();
  });

  it('come up although Phoenix is killed in every step of them', async () => {
    await world.phoenix('plan', '--all', '--out', 'plan.json');
    planned = [
      ...readFileSync(join(world.directory, 'plan.json'), 'utf8').matchAll(
        /"id": "((?:image\/|800\d\/)[^"]+)"/g,
      ),
    ].map((match) => match[1] ?? '');
    expect(planned.length).toBeGreaterThanOrEqual(18);
    run = await cutEverywhere(world, ['orchestrate', '--all'], (line) => {
      // The script in the guest waits for this: had its output not come while it ran, it would fail.
      if (line.type === 'output' && String(line.line).startsWith('hello: Schritt 1'))
        void world.inGuest(8001, 'touch /run/hello-seen');
    });
    expect(run.status).toBe(0);
    expect(run.cuts).toEqual(expect.arrayContaining(planned.map((id) => `${id} action-started`)));
    expect(run.cuts).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^image.* task-log$/),
        '8000/create task-log',
        '8000/wait-agent action-progress',
        '8000/wait-cloud-init action-progress',
        '8000/seal runs in the guest',
        '8000/shutdown action-progress',
        '8001/features output',
      ]),
    );
  });

  it('a second run changes nothing', async () => {
    const before = world.lab.requests.length;
    const { status, stdout } = await world.phoenix('orchestrate', '--all');
    expect(status).toBe(0);
    expect(stdout).toContain('No changes');
    expect(
      world.lab.requests
        .slice(before)
        .filter(({ method, path }) => method !== 'GET' && !path.includes('/agent'))
        .map(({ method, path }) => `${method} ${path}`),
    ).toEqual([]);
  });

  it('said what they waited for, and showed what scripts in the guest printed while they ran', () => {
    const messages = run.lines.map(({ message }) => String(message));
    expect(messages).toContainEqual(expect.stringMatching(/^waiting for the guest agent: not answering yet/));
    expect(messages).toContainEqual(
      expect.stringMatching(/^waiting for cloud-init: still at the (network|config|final) stage/),
    );
    const output = run.lines.filter(({ type }) => type === 'output').map(({ line }) => String(line));
    expect(output).toContain('hello: Schritt 1 — ✓ 日本語 🚀');
    expect(output).toContain('hello: Schritt 2 — ✓ 日本語 🚀');
  });

  it('the template is sealed: its disk has no machine-id, no host keys and nothing of cloud-init', async () => {
    const config = await world.client.request('GET /nodes/{node}/qemu/{vmid}/config', {
      node: 'pve',
      vmid: 8000,
    });
    expect(config).toMatchObject({ template: true, name: 'debian-template' });
    const volid = String(config.scsi0).split(',')[0] ?? '';
    const path = world.lab.inside.files.realPath('pve', world.lab.inside.storages.path('pve', volid));
    const disk = openGuestDisk(path ?? '');
    try {
      // It has been up, or its user would not be there.
      expect(disk.read('/etc/passwd')).toMatch(/^phoenix:/m);
      expect(disk.read('/etc/machine-id')).toBe('');
      expect(disk.list('/etc/ssh')).toContain('sshd_config');
      expect(disk.list('/etc/ssh').filter((name) => name.startsWith('ssh_host_'))).toEqual([]);
      expect(disk.list('/var/lib/cloud').filter((name) => !['seed', 'scripts'].includes(name))).toEqual([]);
      expect(disk.list('/var/lib/cloud/scripts/per-boot')).toEqual([]);
      expect(disk.read('/var/log/cloud-init.log') ?? '').toBe('');
      expect(disk.read('/var/log/cloud-init-output.log') ?? '').toBe('');
      expect(disk.list('/etc/systemd/network').filter((name) => name.startsWith('10-cloud-init-'))).toEqual(
        [],
      );
      expect(disk.read('/var/lib/systemd/random-seed')).toBeUndefined();
    } finally {
      disk.close();
    }
  });

  it('the clone has its own name, user, key, address, identity and size, and its features once', async () => {
    const answer = await world.inGuest(
      8001,
      Object.entries(IDENTITY)
        .map(([name, command]) => `printf '%s=%s\\n' ${name} "$(${command})"`)
        .join('\n'),
    );
    const facts = Object.fromEntries(
      answer.split('\n').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1).trim()]),
    );
    expect(facts).toMatchObject({
      hostname: 'clone-01',
      comment: 'Grüße — Ada 🚀',
      key: expect.stringContaining('ada@example'),
      motd: 'Willkommen auf clone-01 — 日本語',
      address: 'eth0 10.77.0.9/24',
      route: 'default via 10.77.0.1',
      nameserver: '10.77.0.3',
      machineId: expect.stringMatching(/^[0-9a-f]{32}$/),
      hostKeys: '1',
      instances: '1',
      state: 'running',
      hello: 'größe ✓ 日本語 🚀',
      runsOfHello: '1',
      tree: 'tree v',
    });
    expect(Number(facts.rootMib)).toBeGreaterThan(2800);
    machineId = facts.machineId ?? '';
  });

  it('text passes through the agent unchanged in both directions', async () => {
    const text = 'größe — 日本語 🚀 \u0001';
    const bytes = new TextEncoder().encode(text);
    expect(await world.inGuest(8001, 'od -An -tx1 | tr -d " \\n"', bytes)).toBe(
      Buffer.from(bytes).toString('hex'),
    );
    expect(await world.inGuest(8001, 'cat', bytes)).toBe(text);
  });

  it('stops when it is asked to', async () => {
    const { status, stdout } = await world.phoenix('stop', '8001');
    expect(status).toBe(0);
    expect(stdout).not.toContain('was stopped');
  });

  it('an agent that is enabled later, and a changed seed, wait for a cold start; they are announced, and done when allowed', async () => {
    // Somebody switches the agent off and starts the guest so.
    const guest = { node: 'pve', vmid: 8001 };
    await world.client.request('PUT /nodes/{node}/qemu/{vmid}/config', { ...guest, delete: 'agent' });
    await world.client.request('POST /nodes/{node}/qemu/{vmid}/status/start', guest);
    world.declare(template, changedClone);
    const { stdout: plan } = await world.phoenix('plan', '8001');
    expect(plan).toContain('agent  (not set) → enabled=1  takes effect at the next cold start');
    expect(plan).toMatch(/seed {2}[0-9a-f]{12} → [0-9a-f]{12} {2}takes effect at the next cold start/);
    const told = await world.phoenix('orchestrate', '8001');
    expect(told.status).toBe(1);
    expect(told.stdout).toContain('runs without a guest agent device. [PHOENIX_AGENT_OFF]');
    expect(told.stdout).toContain('The device comes with a cold start: `phoenix restart 8001`');
    const allowed = await world.phoenix('orchestrate', '8001', '--reboot', 'if-pending');
    expect(allowed.status).toBe(0);
    expect(await world.inGuest(8001, 'id -un grace; cat /etc/machine-id /etc/motd /etc/late')).toBe(
      `grace\n${machineId}\nWillkommen auf clone-01 — 日本語\nzu spät`,
    );
    expect((await world.phoenix('orchestrate', '8001')).stdout).toContain('No changes');
  });

  it('is deleted with its disks and seeds', async () => {
    expect((await world.phoenix('delete', '8001', '--yes', '--force')).status).toBe(0);
    const volumesOf = async (storage: string) =>
      JSON.stringify(
        await world.client.request('GET /nodes/{node}/storage/{storage}/content', { node: 'pve', storage }),
      );
    expect(await volumesOf('quickOS-vm-disks')).toContain('8000');
    expect(await volumesOf('quickOS-vm-disks')).not.toContain('8001');
    expect(await volumesOf('local')).not.toContain('8001');
  });
});
