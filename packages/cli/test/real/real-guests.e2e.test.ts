import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRealWorld, type RealWorld } from './real-world.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtHdE2ui6tyYtjmKuVvRUaWHdCZbJEHqIDGbfBRbUnx real@example';

/** Time enough where two processors emulate the guest and do other work as well. */
const timeouts = { agent: '8m', cloud_init: '8m', shutdown: '3m' };

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
const bare = {
  vmid: 8002,
  name: 'bare-01',
  template_image: 'debian-lab-bare',
  network_config: { ip: 'dhcp' },
  user_config: { username: 'phoenix', ssh_keys: [KEY] },
};
const failing = { ...bare, vmid: 8003, name: 'failing-01', user_data_template: 'failing.template.yml' };
const silent = {
  ...bare,
  vmid: 8004,
  name: 'silent-01',
  user_data_template: 'silent.template.yml',
  timeouts: { ...timeouts, agent: '150s' },
};

const config = (mirror: string, ...vms: object[]) => ({
  images: {
    'debian-lab-bare': { url: `${mirror}debian-lab-bare.qcow2`, checksum_url: `${mirror}SHA256SUMS` },
  },
  vm_defaults: {
    cores: 2,
    memory_mb: 512,
    storage_pool: 'quickOS-vm-disks',
    network_bridge: 'vmbr0',
    timeouts,
  },
  feature_directories: ['./scripts'],
  vms,
});

describe('real guests', () => {
  let world: RealWorld;
  beforeAll(async () => {
    world = await createRealWorld();
    world.writeConfig(config(world.lab.imageMirror ?? '', template, clone));
  });
  afterAll(async () => {
    await world?.close();
  });

  it('come up although Phoenix is killed during every step, and are what they were declared to be', async () => {
    // Each run is killed in another step, at its first line or in its middle; the next one goes on from what it finds.
    const at = (mark: string, vmid: string, words: string): RegExp =>
      new RegExp(`^[0-9:]{8} ${mark} ${vmid} .*${words}`, 'm');
    const cuts = [
      at('…', ' ', 'downloads'),
      at('…', '8000', 'transferred'),
      at('…', '8000', 'uploading the seed'),
      at('·', '8000', 'start'),
      at('…', '8000', 'waiting for the guest agent'),
      at('·', '8000', 'cloud-init is done'),
      at('·', '8000', 'seal '),
      at('…', '8000', 'asking the guest to shut down'),
      at('·', '8000', 'convert '),
      at('·', '8001', 'clone '),
      at('·', '8001', 'configure'),
      at('✓', '8001', 'start'),
      /hello: Schritt 2/,
      at('…', '8001', 'tree: apply'),
    ];
    for (const cut of cuts) await world.phoenixUntil(cut, 'orchestrate', '--all');
    const { status, stdout } = await world.phoenix('orchestrate', '--all');
    expect(stdout).toMatch(/^Done in /m);
    expect(status).toBe(0);
  });

  it('a second run changes nothing', async () => {
    const before = world.lab.requests.length;
    const { status, stdout } = await world.phoenix('orchestrate', '--all');
    expect(status).toBe(0);
    expect(stdout).toContain('No changes');
    expect(
      world.lab.requests
        .slice(before)
        .filter(({ method, path }) => method !== 'GET' && !path.includes('/agent')),
    ).toEqual([]);
  });

  it('the template is sealed and converted', async () => {
    const live = await world.api('GET', '/nodes/pve/qemu/8000/config');
    expect(live).toMatchObject({ template: 1, name: 'debian-template' });
  });

  it('the clone has its own name, user, key, address, identity and size', async () => {
    expect(await world.inGuest(8001, 'hostname')).toBe('clone-01');
    expect(await world.inGuest(8001, 'getent passwd ada | cut -d: -f5')).toBe('Grüße — Ada 🚀');
    expect(await world.inGuest(8001, 'cat ~ada/.ssh/authorized_keys')).toContain('ada@example');
    expect(await world.inGuest(8001, 'cat /etc/motd')).toBe('Willkommen auf clone-01 — 日本語');
    expect(await world.inGuest(8001, 'ip -4 -o addr show scope global')).toContain('10.77.0.9/24');
    expect(await world.inGuest(8001, 'ip route show default')).toContain('default via 10.77.0.1');
    expect(await world.inGuest(8001, 'resolvectl dns 2>/dev/null | tail -1')).toContain('10.77.0.3');
    expect(await world.inGuest(8001, 'cat /etc/machine-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(await world.inGuest(8001, 'ls /etc/ssh/ssh_host_ed25519_key.pub')).toBe(
      '/etc/ssh/ssh_host_ed25519_key.pub',
    );
    expect(await world.inGuest(8001, 'ls /var/lib/cloud/instances | wc -l')).toBe('1');
    expect(Number(await world.inGuest(8001, 'df -m --output=size / | tail -1'))).toBeGreaterThan(2800);
    expect(await world.inGuest(8001, 'systemctl is-system-running')).toBe('running');
  });

  it('features ran once, byte for byte, although their run was cut', async () => {
    expect(await world.inGuest(8001, 'cat /etc/hello')).toBe('größe ✓ 日本語 🚀');
    expect(await world.inGuest(8001, 'wc -l </var/lib/hello.runs')).toBe('1');
    expect(await world.inGuest(8001, 'tree --version | cut -c1-6')).toBe('tree v');
  });

  it('text passes through the agent unchanged in both directions', async () => {
    const text = 'größe — 日本語 🚀 \u0001';
    expect(
      await world.inGuest(8001, 'od -An -tx1 | tr -d " \\n"', Buffer.from(text, 'utf8').toString('latin1')),
    ).toBe(Buffer.from(text).toString('hex'));
  });

  it('a changed seed is delivered and takes effect with the next start, as announced', async () => {
    const machineId = await world.inGuest(8001, 'cat /etc/machine-id');
    world.writeConfig(
      config(world.lab.imageMirror ?? '', template, { ...clone, user_config: { username: 'grace' } }),
    );
    const { stdout } = await world.phoenix('plan', '8001');
    expect(stdout).toMatch(/seed/);
    expect((await world.phoenix('orchestrate', '8001')).status).toBe(0);
    expect((await world.phoenix('restart', '8001')).status).toBe(0);
    expect((await world.phoenix('orchestrate', '8001')).status).toBe(0);
    expect(await world.inGuest(8001, 'cloud-init status --wait')).toContain('done');
    expect(await world.inGuest(8001, 'id -un grace')).toBe('grace');
    expect(await world.inGuest(8001, 'cat /etc/machine-id')).toBe(machineId);
  });

  it('an agent that is enabled later needs a cold start, and is told so', async () => {
    expect((await world.phoenix('stop', '8001')).status).toBe(0);
    await world.api('PUT', '/nodes/pve/qemu/8001/config', { delete: 'agent' });
    await world.api('POST', '/nodes/pve/qemu/8001/status/start');
    const { stdout } = await world.phoenix('plan', '8001');
    expect(stdout).toContain('agent  (not set) → enabled=1  takes effect at the next cold start');
    expect((await world.phoenix('orchestrate', '8001')).stdout).toContain(
      'agent will take effect at the next cold start: `phoenix restart 8001`',
    );
  });

  it('guests are stopped and deleted, with their disks and seeds', async () => {
    expect((await world.phoenix('delete', '8001', '--yes', '--force')).status).toBe(0);
    const volumes = JSON.stringify(await world.api('GET', '/nodes/pve/storage/quickOS-vm-disks/content'));
    expect(volumes).not.toContain('vm-8001');
    expect(JSON.stringify(await world.api('GET', '/nodes/pve/storage/local/content'))).not.toContain('8001');
  });

  it('an image without the agent comes up in one run', async () => {
    world.writeConfig(config(world.lab.imageMirror ?? '', bare));
    const { status, stdout } = await world.phoenix('orchestrate', '8002');
    expect(stdout).toMatch(/waiting for the guest agent/);
    expect(status).toBe(0);
    expect(await world.inGuest(8002, 'systemctl is-active qemu-guest-agent')).toBe('active');
    expect(await world.inGuest(8002, 'id -un phoenix')).toBe('phoenix');
    expect((await world.phoenix('delete', '8002', '--yes', '--force')).status).toBe(0);
  });

  it('a guest whose cloud-init failed ends the run with the module and the end of its log', async () => {
    world.writeConfig(config(world.lab.imageMirror ?? '', failing));
    const { status, stdout, stderr } = await world.phoenix('orchestrate', '8003');
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain('PHOENIX_CLOUD_INIT_FAILED');
    expect(stdout + stderr).toMatch(/package-update-upgrade-install|package_update_upgrade_install/);
    expect(stdout + stderr).toContain('no-such-package-anywhere');
    expect((await world.phoenix('delete', '8003', '--yes', '--force')).status).toBe(0);
  });

  it('a guest whose agent never comes ends the run with the last lines of its serial console', async () => {
    world.writeConfig(config(world.lab.imageMirror ?? '', silent));
    const { status, stdout, stderr } = await world.phoenix('orchestrate', '8004');
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain('PHOENIX_AGENT_TIMEOUT');
    expect(stdout + stderr).toMatch(/Cloud-init|guest-agent|cloud-init/);
    expect((await world.phoenix('delete', '8004', '--yes', '--force')).status).toBe(0);
  });
});
