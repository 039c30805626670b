import { type Lab, startLab } from '@phoenix/lab';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkspace, type TestWorkspace } from './workspace.js';

let lab: Lab;
let workspace: TestWorkspace;

const machine = (vmid: number, more: object = {}) => ({
  vmid,
  name: `machine-${vmid}`,
  template_image: 'noble-server-cloudimg-amd64.img',
  storage_pool: 'quickOS-vm-disks',
  network_bridge: 'vmbr0',
  user_config: { username: 'phoenix_user' },
  ...more,
});

beforeEach(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
  workspace.writeConfig({
    vms: [machine(8100), machine(8101, { dependencies: [8100] }), machine(8102)],
  });
});

afterEach(async () => {
  workspace.remove();
  await lab.close();
});

const stateOf = async (vmid: string) => (await workspace.phoenix('status', vmid, '--json')).json()[0]?.status;

describe('a run in which one guest fails', () => {
  it('goes on with the others, skips what rests on it, and says both, with exit code 1', async () => {
    lab.faults.add({
      on: 'POST /nodes/*/qemu/8100/status/start',
      effect: { task: 'fail', log: 'no memory left' },
    });
    const run = await workspace.phoenix('orchestrate', '--all');
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/^✗ 8100 machine-8100 failed: .*no memory left/m);
    expect(run.stdout).toMatch(/^- 8101 machine-8101 skipped: 8100\/start failed$/m);
    expect(run.stdout).toMatch(/^Failed in .*: 1 changed, 1 failed, 1 skipped\.$/m);
    expect(await stateOf('8102')).toBe('running');
    expect(await stateOf('8101')).not.toBe('running');
    lab.faults.clear();
    expect((await workspace.phoenix('orchestrate', '--all')).status).toBe(0);
    expect((await workspace.phoenix('orchestrate', '--all')).stdout).toContain('No changes');
  });

  it('starts nothing more when it was told to stop at the first failure', async () => {
    lab.faults.add({ on: 'POST /nodes/*/qemu', times: 1, effect: { task: 'fail', log: 'no space left' } });
    const run = await workspace.phoenix('orchestrate', '--all', '--fail-fast', '--parallel', '1');
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/skipped: an action failed, and the run stops at the first failure$/m);
    expect(
      lab.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/qemu')),
    ).toHaveLength(1);
  });

  it('keeps the warnings of tasks and prints them at the end; they are no failure', async () => {
    lab.faults.add({
      on: 'POST /nodes/*/qemu/8102/status/start',
      times: 1,
      effect: { task: 'warnings', log: 'kvm is not available' },
    });
    const run = await workspace.phoenix('orchestrate', '8102');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^! 8102 .*kvm is not available/m);
    const [record] = (await workspace.phoenix('history', '--json')).json();
    expect(record).toMatchObject({
      summary: { warnings: [{ vmid: 8102, message: expect.stringContaining('kvm is not available') }] },
    });
  });

  it('refuses a number of actions at once that is none', async () => {
    expect((await workspace.phoenix('orchestrate', '--all', '--parallel', '0')).status).toBe(64);
  });
});
