import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeIso } from '../src/cloudinit-drive/write-iso.js';
import { createEmptyQcow2 } from '../src/images/empty-qcow2.js';
import { type Lab, startLab } from '../src/index.js';
import { type Call, callerOf, finish } from './support/request.js';

let lab: Lab;
let call: Call;
const base = '/nodes/pve/qemu';

beforeEach(async () => {
  lab = await startLab({ imageMirror: false });
  call = callerOf(lab);
});
afterEach(() => lab.close());

async function done(method: string, path: string, params?: Record<string, unknown>): Promise<void> {
  const answer = await call(method, path, params);
  expect([method, path, answer.status, answer.reason]).toEqual([method, path, 200, 'OK']);
  expect((await finish(lab, answer.body.data)).status).toBe('OK');
}

async function place(
  path: string,
  volid: string,
  content: 'import' | 'iso',
  bytes: Uint8Array,
): Promise<void> {
  await lab.inside.files.write('pve', path, bytes);
  lab.state.volumes[`pve/${volid}`] = {
    volid,
    storage: 'local',
    node: 'pve',
    content,
    format: content === 'iso' ? 'iso' : 'qcow2',
    sizeBytes: bytes.length,
    usedBytes: bytes.length,
    ctime: 1,
  };
}

interface ExecEnd {
  readonly exitcode?: number;
  readonly 'out-data'?: string;
  readonly 'err-data'?: string;
}

async function exec(vmid: number, command: readonly string[], input?: string): Promise<ExecEnd> {
  const started = await call('POST', `${base}/${vmid}/agent/exec`, {
    command,
    ...(input !== undefined && { 'input-data': input }),
  });
  const { pid } = started.body.data as { pid: number };
  for (;;) {
    const status = await call('GET', `${base}/${vmid}/agent/exec-status`, { pid });
    const end = status.body.data as ExecEnd & { exited: number };
    if (end.exited === 1) return end;
  }
}

async function agentUp(vmid: number): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    if ((await call('POST', `${base}/${vmid}/agent/ping`)).status === 200) return;
  }
  throw new Error('the agent does not come');
}

const seed = () =>
  writeIso({
    label: 'cidata',
    joliet: true,
    files: new Map([
      [
        'user-data',
        Buffer.from(`#cloud-config
hostname: web
users:
  - name: phoenix_user
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys: [ssh-ed25519 AAAA me]
write_files:
  - {path: /etc/greeting, content: "grüße\\n"}
packages: [tree]
runcmd:
  - [sh, -c, "echo ran > /root/ran"]
`),
      ],
      ['meta-data', Buffer.from('instance-id: i-1\nlocal-hostname: web\n')],
      [
        'network-config',
        Buffer.from(
          'version: 2\nethernets:\n  id0:\n    match: {macaddress: "bc:24:11:00:00:01"}\n    addresses: [10.0.0.101/24]\n',
        ),
      ],
    ]),
  });

const sealScript = `set -u
cloud-init clean --logs
rm -f /etc/ssh/ssh_host_*key /etc/ssh/ssh_host_*key.pub
: >/etc/machine-id
find /var/log -type f -exec truncate -s 0 {} +
sync
echo sealed
`;

test('a machine is made from an image, seeded, asked through its agent, sealed and cloned as a new instance', async () => {
  await place(
    '/var/lib/vz/import/noble.qcow2',
    'local:import/noble.qcow2',
    'import',
    createEmptyQcow2(3 * 2 ** 30, 'ubuntu 24.04'),
  );
  await place('/var/lib/vz/template/iso/seed.iso', 'local:iso/seed.iso', 'iso', seed());
  await done('POST', base, {
    vmid: 8000,
    name: 'tpl',
    memory: 2048,
    agent: 1,
    net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
    scsi0: 'quickOS-vm-disks:0,import-from=local:import/noble.qcow2',
    ide2: 'local:iso/seed.iso,media=cdrom',
    boot: 'order=scsi0',
  });
  expect((await call('GET', `${base}/8000/config`)).body.data).toMatchObject({
    memory: '2048',
    scsi0: 'quickOS-vm-disks:8000/vm-8000-disk-0.qcow2,size=3G',
    ide2: expect.stringMatching(/^local:iso\/seed\.iso,media=cdrom,size=\d+/),
  });
  await done('PUT', `${base}/8000/resize`, { disk: 'scsi0', size: '10G' });
  await done('POST', `${base}/8000/status/start`);
  expect((await call('POST', `${base}/8000/agent/ping`)).reason).toBe('QEMU guest agent is not running');
  await agentUp(8000);
  expect(await exec(8000, ['cloud-init', 'status', '--wait'])).toMatchObject({ exitcode: 0 });
  const look = 'hostname; cat /etc/greeting /root/ran; id -un phoenix_user; command -v tree; hostname -I';
  expect((await exec(8000, ['sh', '-c', look]))['out-data']).toBe(
    'web\ngrüße\nran\nphoenix_user\n/usr/bin/tree\n10.0.0.101 \n',
  );
  const identity = 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub';
  const first = (await exec(8000, ['sh', '-c', identity]))['out-data'];
  expect(first).toMatch(/^[0-9a-f]{32}\nssh-ed25519 /);
  expect(await exec(8000, ['/bin/sh', '-s'], sealScript)).toMatchObject({
    exitcode: 0,
    'out-data': 'sealed\n',
  });
  await done('POST', `${base}/8000/status/shutdown`, { timeout: 60 });
  await done('POST', `${base}/8000/template`);
  await done('POST', `${base}/8000/clone`, { newid: 8001, name: 'web' });
  expect((await call('GET', `${base}/8001/config`)).body.data).toMatchObject({
    scsi0: 'quickOS-vm-disks:8000/base-8000-disk-0.qcow2/8001/vm-8001-disk-0.qcow2,size=10G',
  });
  await done('POST', `${base}/8001/status/start`);
  await agentUp(8001);
  expect(await exec(8001, ['cloud-init', 'status', '--wait'])).toMatchObject({ exitcode: 0 });
  expect((await exec(8001, ['sh', '-c', identity]))['out-data']).not.toBe(first);
  await done('POST', `${base}/8001/status/stop`);
  await done('DELETE', `${base}/8001`, { purge: 1 });
  expect((await call('GET', base)).body.data).toHaveLength(1);
});
