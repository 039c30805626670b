import { type Lab, startLab } from '@phoenix/lab';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkspace, FIRST_USERS, type FirstUsers, type TestWorkspace } from './workspace.js';

let lab: Lab;
let workspace: TestWorkspace;

beforeEach(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
});

afterEach(async () => {
  workspace.remove();
  await lab.close();
});

/** The first users' file with the defaults and the second machine changed. */
function withChanges(defaults: Record<string, unknown>, machine: Record<string, unknown> = {}): FirstUsers {
  const [template, clone] = FIRST_USERS.vms;
  return {
    vm_defaults: { ...FIRST_USERS.vm_defaults, ...defaults },
    vms: [{ ...template }, { ...clone, ...machine }],
  };
}

describe('bad input against a server', () => {
  it.each([
    [{ PHOENIX_PVE_TOKEN: 'root@pam!phoenix=00000000-0000-0000-0000-000000000000' }, 'PVE_AUTH', 5],
    [{ PHOENIX_PVE_TOKEN: 'nobody@pve!x=00000000-0000-0000-0000-000000000000' }, 'PVE_AUTH', 5],
    [{ PHOENIX_PVE_FINGERPRINT: Array.from({ length: 32 }, () => 'AB').join(':') }, 'PVE_TLS_FINGERPRINT', 4],
    [{ PHOENIX_PVE_FINGERPRINT: undefined }, 'PVE_TLS', 4],
  ])('the connection %j ends with %s and %d', async (env, code, exit) => {
    const { status, stderr } = await workspace.phoenixWith({ env }, 'plan', '8001');
    expect(stderr).toContain(`[${code}]`);
    expect(stderr).toContain('hint: ');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(exit);
  });

  it.each([
    ['storage', withChanges({ storage_pool: 'nowhere' }), 'nowhere'],
    ['bridge', withChanges({ network_bridge: 'vmbr99' }), 'vmbr99'],
    ['node', withChanges({ node: 'pve9' }), 'pve9'],
  ])('a %s that does not exist is found while planning, and nothing is made', async (_what, config, name) => {
    workspace.writeConfig(config);
    const { status, stderr } = await workspace.phoenix('orchestrate', '--all');
    expect(stderr).toContain(name);
    expect(stderr).toContain('hint: ');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(6);
    expect(lab.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('a clone source that is neither declared nor there is named', async () => {
    workspace.writeConfig(withChanges({}, { clone_from_vmid: 7999 }));
    const { status, stderr, stdout } = await workspace.phoenix('orchestrate', '8001');
    expect(stderr + stdout).toContain('7999');
    expect([3, 6]).toContain(status);
    expect(lab.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('an image that nobody serves ends the run with its address', async () => {
    const config = withChanges({});
    config.vms[0] = {
      ...config.vms[0],
      template_image: `${new URL(lab.imageMirror ?? '').origin}/images/nowhere.img`,
    };
    workspace.writeConfig(config);
    const { status, stdout } = await workspace.phoenix('orchestrate', '8000');
    expect(stdout).toContain('nowhere.img');
    expect([1, 6]).toContain(status);
  });

  it('an id that is not declared is refused with the ids that are', async () => {
    const { status, stderr } = await workspace.phoenix('plan', '8002');
    expect(stderr).toContain('8002');
    expect(status).toBe(6);
  });

  it('a guest that is not ours is left alone, unless it shall be adopted', async () => {
    expect((await workspace.phoenix('orchestrate', '8000')).status).toBe(0);
    workspace.writeConfig({
      ...FIRST_USERS,
      vms: [{ vmid: 101, name: 'mine', template_image: 'noble-server-cloudimg-amd64.img' }],
    });
    await createForeignGuest(101, 'somebody-elses');
    const { status, stderr } = await workspace.phoenix('orchestrate', '101');
    expect(stderr).toContain('somebody-elses');
    expect(stderr).toContain('--adopt');
    expect(status).toBe(7);
    expect((await workspace.phoenix('delete', '101', '--yes')).status).toBe(7);
    expect((await workspace.phoenix('plan', '101', '--adopt')).status).toBe(0);
  });

  it('a template with linked clones is not deleted, and they are named', async () => {
    workspace.writeConfig(withChanges({}, { clone_type: 'linked' }));
    expect((await workspace.phoenix('orchestrate', '--all')).status).toBe(0);
    const { status, stderr } = await workspace.phoenix('delete', '8000', '--yes');
    expect(stderr).toContain('8001');
    expect(status).toBe(7);
  });

  async function createForeignGuest(vmid: number, name: string): Promise<void> {
    const { createGuest, createProxmoxClient, waitForTask } = await import('@phoenix/proxmox-client');
    const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
    const upid = await createGuest(client, { kind: 'qemu', node: 'pve', vmid, set: { name } });
    await waitForTask(client, upid);
    await client.close();
  }
});
