import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, startLab } from '@phoenix/lab';
import { createProxmoxClient, startGuest, waitForTask } from '@phoenix/proxmox-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, type TestWorkspace } from './workspace.js';

let lab: Lab;
let workspace: TestWorkspace;

/** Makes two machines as somebody else would, one of them running. */
beforeAll(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
  const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
  for (const [vmid, name] of [
    [150, 'shop'],
    [151, 'books'],
  ] as const) {
    const upid = await client.request('POST /nodes/{node}/qemu', {
      node: 'pve',
      vmid,
      name,
      memory: '1024',
      scsi0: 'quickOS-vm-disks:4',
      net0: `virtio=BC:24:11:00:01:${vmid - 100},bridge=vmbr0`,
      cipassword: 'hunter22',
      ciuser: 'admin',
      description: 'made by hand',
    });
    await waitForTask(client, upid, {});
  }
  await waitForTask(client, await startGuest(client, { kind: 'qemu', node: 'pve', vmid: 150 }), {});
  await client.close();
});

afterAll(async () => {
  workspace.remove();
  await lab.close();
});

describe('phoenix import', () => {
  it('prints the configuration of guests that exist, and says on stderr what it does not say', async () => {
    const { status, stdout, stderr } = await workspace.phoenix('import', '150');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      vms: [{ vmid: 150, name: 'shop', memory_mb: 1024, description: 'made by hand' }],
    });
    expect(stderr).toContain('PHOENIX_PASSWORD_150');
    expect(stdout + stderr).not.toContain('hunter22');
  });

  it('writes a file, by its ending in YAML, and never over another one unless told', async () => {
    const file = join(workspace.directory, 'live.yaml');
    expect((await workspace.phoenix('import', '--all', '--out', 'live.yaml')).status).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^vms:\n {2}- vmid: 150\n {4}name: shop$/m);
    writeFileSync(file, 'mine');
    const refused = await workspace.phoenix('import', '--all', '--out', 'live.yaml');
    expect(refused).toMatchObject({ status: 7, stdout: '' });
    expect(refused.stderr).toContain('CLI_FILE_EXISTS');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await workspace.phoenix('import', '--all', '--out', 'live.yaml', '--force')).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(text);
    const nowhere = await workspace.phoenix('import', '150', '--out', 'no/such/folder/x.json');
    expect(nowhere.status).toBe(6);
    expect(existsSync(join(workspace.directory, 'no'))).toBe(false);
  });

  it('what it writes is taken over with nothing but the claim, and then there is nothing to do', async () => {
    const env = { PHOENIX_PASSWORD_150: 'hunter22', PHOENIX_PASSWORD_151: 'hunter22' };
    const phoenix = (...args: readonly string[]) =>
      workspace.phoenixWith({ env }, ...args, '--config', 'live.yaml');
    const [document] = (await phoenix('plan', '--all', '--adopt', '--json')).json();
    expect(JSON.stringify(document).match(/"step":"[^"]*"/g)).toEqual(['"step":"adopt"', '"step":"adopt"']);
    expect((await phoenix('plan', '--all')).status).toBe(7);
    const run = await phoenix('orchestrate', '--all', '--adopt');
    expect(run.stdout).toMatch(/^Done in /m);
    expect((await phoenix('orchestrate', '--all')).stdout).toContain('No changes');
  });

  it('refuses what the configuration declares, unless asked', async () => {
    const refused = await workspace.phoenix('import', '150', '--config', 'live.yaml');
    expect(refused.status).toBe(7);
    expect(refused.stderr).toContain('150 (shop) is declared already, at ');
    const again = await workspace.phoenix('import', '150', '--include-declared', '--config', 'live.yaml');
    expect(JSON.parse(again.stdout)).toMatchObject({ vms: [{ vmid: 150 }] });
    const none = await workspace.phoenix('import', '--all', '--config', 'live.yaml');
    expect(none).toMatchObject({ status: 0, stdout: '' });
    expect(none.stderr).toContain('Nothing to import');
    const named = await workspace.phoenix('import', '--all', '--config', 'nowhere.yaml');
    expect(named.status).toBe(6);
  });

  it('with --json prints the file and the notices as one document', async () => {
    const [document] = (await workspace.phoenix('import', '151', '--json')).json();
    expect(document).toMatchObject({
      type: 'import',
      vmids: [151],
      file: { vms: [{ name: 'books', leave_stopped: true }] },
      notices: expect.arrayContaining([expect.objectContaining({ code: 'import-secret', vmid: 151 })]),
    });
    expect((await workspace.phoenix('import', '999')).status).toBe(6);
    expect((await workspace.phoenix('import')).status).toBe(64);
  });
});
