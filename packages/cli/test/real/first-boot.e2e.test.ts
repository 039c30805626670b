import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRealWorld, PATIENCE, type RealWorld } from './real-world.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtHdE2ui6tyYtjmKuVvRUaWHdCZbJEHqIDGbfBRbUnx real@example';

const bare = {
  vmid: 8002,
  name: 'bare-01',
  template_image: 'debian-lab-bare',
  network_config: { ip: 'dhcp' },
  user_config: { username: 'phoenix', ssh_keys: [KEY] },
};
const failing = {
  ...bare,
  vmid: 8003,
  name: 'failing-01',
  template_image: 'debian-lab',
  user_data_template: 'failing.template.yml',
};
const silent = {
  ...bare,
  vmid: 8004,
  name: 'silent-01',
  user_data_template: 'silent.template.yml',
  timeouts: { ...PATIENCE, agent: '3m' },
};

describe('a first boot', () => {
  let world: RealWorld;
  beforeAll(async () => {
    world = await createRealWorld('first boot');
  });
  afterAll(async () => {
    await world?.close();
  });

  it('of an image without the agent takes one run: the agent is installed and started', async () => {
    world.declare(bare);
    const { status, stdout } = await world.phoenix('orchestrate', '8002');
    expect(stdout).toMatch(/waiting for the guest agent: not answering yet/);
    expect(status).toBe(0);
    expect(
      await world.inGuest(
        8002,
        'systemctl is-active qemu-guest-agent; id -un phoenix; hostname; ip -4 -o addr show scope global | tr -s " " | cut -d" " -f2,4; cut -d" " -f3 ~phoenix/.ssh/authorized_keys',
      ),
    ).toBe('active\nphoenix\nbare-01\neth0 10.0.2.15/24\nreal@example');
    expect((await world.phoenix('delete', '8002', '--yes', '--force')).status).toBe(0);
  });

  describe('that goes wrong', () => {
    let printed: string;
    let status: number | null;
    beforeAll(async () => {
      world.declare(failing, silent);
      const result = await world.phoenix('orchestrate', '8003', '8004');
      printed = result.stdout + result.stderr;
      status = result.status;
    });

    it('ends the run, whose guests do not wait for each other', () => {
      expect(status).not.toBe(0);
      expect(printed).toMatch(/2 failed/);
    });

    it('in cloud-init is reported with the module that failed and the end of its log', () => {
      expect(printed).toContain('waiting for cloud-init: still at the');
      const failure = failureOf(printed, 8003);
      expect(failure).toContain('PHOENIX_CLOUD_INIT_FAILED');
      expect(failure).toMatch(/in modules? .*package.update.upgrade.install/);
      expect(failure).toContain('Unable to locate package no-such-package-anywhere');
    });

    it('without an agent that ever answers is reported with the last lines of the serial console', () => {
      expect(printed).toMatch(
        /waiting for the guest agent: not answering yet.*, for \d+ s now; its console says: /,
      );
      const failure = failureOf(printed, 8004);
      expect(failure).toContain('PHOENIX_AGENT_TIMEOUT');
      expect(failure).toContain('did not answer within 180 s');
      const shown = [...failure.matchAll(/ │ (.*)$/gm)].map(([, line = '']) => line.trim());
      const said = world.serialLog(8004);
      expect(shown.length).toBeGreaterThan(0);
      // Lines that were overwritten on the terminal are told apart only here.
      expect(shown.filter((line) => said.includes(line)).length).toBeGreaterThan(shown.length * 0.8);
    });
  });
});

/** The lines about the failure of one guest: the one that says so, and those below it. */
function failureOf(printed: string, vmid: number): string {
  const lines = printed.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));
  const first = lines.findIndex((line) => line.startsWith(`✗ ${vmid} `));
  const length = lines.slice(first + 1).findIndex((line) => !line.startsWith('    '));
  return lines.slice(first, first + 1 + Math.max(0, length)).join('\n');
}
