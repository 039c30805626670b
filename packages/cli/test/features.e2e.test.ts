import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, startLab } from '@phoenix/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, type TestWorkspace } from './workspace.js';

let lab: Lab;
let workspace: TestWorkspace;

beforeAll(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
});
afterAll(async () => {
  workspace.remove();
  await lab.close();
});

/** One machine with these features, and with scripts of the first users' kind in `scripts/`. */
function declare(features: readonly unknown[], more: object = {}): void {
  workspace.writeConfig({
    ...more,
    vms: [
      {
        vmid: 8100,
        name: 'features-01',
        template_image: 'noble-server-cloudimg-amd64.img',
        storage_pool: 'quickOS-vm-disks',
        network_bridge: 'vmbr0',
        network_config: { ip: 'dhcp' },
        user_config: { username: 'phoenix_user' },
        features,
      },
    ],
  });
}
const inGuest = async (script: string): Promise<string> =>
  (await workspace.phoenix('exec', '8100', '--', '/bin/sh', '-c', script)).stdout;

describe('features of a machine', () => {
  it('a script that runs when Phoenix is killed runs once: the next run follows it', async () => {
    const scripts = join(workspace.directory, 'scripts');
    mkdirSync(scripts);
    writeFileSync(
      join(scripts, 'feature_install_slow.sh'),
      '#!/bin/bash\necho begun\nuntil [ -f /root/go ]; do sleep 1; done\necho run >>/root/made\necho ended\n',
    );
    declare(['slow'], { feature_directories: ['scripts'] });
    const killed = await workspace.phoenixWith(
      {
        watch: (output, kill) => {
          if (/slow +begun/.test(output)) kill('SIGKILL');
        },
      },
      'orchestrate',
      '8100',
    );
    expect(killed.status).toBeNull();
    await inGuest('touch /root/go');
    const { status, stdout, stderr } = await workspace.phoenix('orchestrate', '8100');
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain('already running in the guest, following it');
    expect(stdout).toMatch(/slow +ended/);
    expect(await inGuest('cat /root/made')).toBe('run\n');
  }, 120_000);

  it('what left the configuration stays with a warning, and is removed where that is allowed', async () => {
    declare([{ name: 'docker' }]);
    expect((await workspace.phoenix('orchestrate', '8100')).status).toBe(0);
    declare([]);
    const kept = await workspace.phoenix('orchestrate', '8100');
    expect(kept.stdout + kept.stderr).toContain(
      'Feature docker is not declared any more and stays in the guest',
    );
    expect(await inGuest('command -v docker || true')).toContain('docker');
    declare([{ name: 'base_setup' }]);
    const removed = await workspace.phoenix('orchestrate', '8100', '--remove-features');
    expect(removed.status, removed.stdout + removed.stderr).toBe(0);
    expect(await inGuest('command -v docker || true')).toBe('');
    expect((await workspace.phoenix('plan', '8100', '--detailed-exitcode')).status).toBe(0);
  }, 120_000);

  it('options that are wrong are told with their place in the file, before anything is done', async () => {
    declare([{ name: 'docker', options: { sauce: 'docker', users: 'me' } }]);
    for (const command of [['plan', '8100'], ['validate']]) {
      const { status, stdout, stderr } = await workspace.phoenix(...command);
      expect(status).toBe(3);
      expect(stdout + stderr).toContain('option sauce: there is no such option.');
      expect(stdout + stderr).toContain('option users: expected a value of type array, got "me"');
      expect(stdout + stderr).toMatch(/phoenix_vm_configs\.json:\d+:\d+: error: .*option users/);
    }
  });
});
