import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEmptyQcow2 } from '../src/images/empty-qcow2.js';
import { type GuestScripting, type Lab, startLab } from '../src/index.js';
import { type Call, callerOf, finish } from './support/request.js';

let lab: Lab;
let call: Call;
let guests: GuestScripting;
const base = '/nodes/pve/qemu';

beforeEach(async () => {
  lab = await startLab({ imageMirror: false });
  call = callerOf(lab);
  if (lab.guests === undefined) throw new Error('these guests are simulated');
  guests = lab.guests;
  const bytes = createEmptyQcow2(3 * 2 ** 30, 'debian 12');
  await lab.inside.files.write('pve', '/var/lib/vz/import/debian.qcow2', bytes);
  const volid = 'local:import/debian.qcow2';
  lab.state.volumes[`pve/${volid}`] = {
    volid,
    storage: 'local',
    node: 'pve',
    content: 'import',
    format: 'qcow2',
    sizeBytes: bytes.length,
    usedBytes: bytes.length,
    ctime: 1,
  };
  await done('POST', base, {
    vmid: 100,
    agent: 1,
    scsi0: `quickOS-vm-disks:0,import-from=${volid}`,
    ide2: 'quickOS-vm-disks:cloudinit',
    ciuser: 'ops',
  });
});
afterEach(() => lab.close());

async function done(method: string, path: string, params?: Record<string, unknown>): Promise<void> {
  const answer = await call(method, path, params);
  expect([answer.status, answer.reason]).toEqual([200, 'OK']);
  expect((await finish(lab, answer.body.data)).status).toBe('OK');
}

async function boot(): Promise<void> {
  await done('POST', `${base}/100/status/start`);
  for (let tries = 0; tries < 8; tries += 1) {
    if ((await call('POST', `${base}/100/agent/ping`)).status === 200) return;
  }
}

async function exec(command: readonly string[]): Promise<Record<string, unknown>> {
  const started = await call('POST', `${base}/100/agent/exec`, { command });
  const { pid } = started.body.data as { pid: number };
  for (;;) {
    const status = await call('GET', `${base}/100/agent/exec-status`, { pid });
    const end = status.body.data as Record<string, unknown>;
    if (end.exited === 1) return end;
  }
}

test('a program answers as scripted, after its time has passed, as often as the rule says', async () => {
  await boot();
  guests.script({
    vmid: 100,
    on: /^apt-get .*install/,
    reply: { exitCode: 100, stderr: 'E: no network\n', afterMs: 90_000 },
    times: 1,
  });
  const before = lab.clock.now();
  expect(await exec(['sh', '-c', 'apt-get -y install tree'])).toMatchObject({
    exitcode: 100,
    'err-data': 'E: no network\n',
  });
  expect(lab.clock.now() - before).toBeGreaterThanOrEqual(90_000);
  expect(await exec(['sh', '-c', 'apt-get -y -qq install tree && command -v tree'])).toMatchObject({
    exitcode: 0,
  });
  expect(guests.commands(100)).toContain('apt-get -y install tree');
});

test('a rule can go by the text of the script that is run, and be taken back', async () => {
  await boot();
  const takeBack = guests.script({ on: { script: /install_the_thing/ }, reply: { signal: 9 } });
  expect(await exec(['sh', '-c', 'install_the_thing'])).toMatchObject({ signal: 9 });
  takeBack();
  expect(await exec(['sh', '-c', 'install_the_thing'])).toMatchObject({ exitcode: 127 });
});

test('an agent can stay away, and cloud-init can fail with its module and its log', async () => {
  guests.behave({ vmid: 100, agentMs: 'never' });
  await boot();
  expect((await call('POST', `${base}/100/agent/ping`)).reason).toBe('QEMU guest agent is not running');
  await done('POST', `${base}/100/status/stop`);
  guests.behave({
    vmid: 100,
    agentMs: 1000,
    cloudInitError: { module: 'package_update_upgrade_install', log: 'Unable to locate package nosuch' },
  });
  await boot();
  const end = await exec(['cloud-init', 'status', '--wait', '--long']);
  expect(end).toMatchObject({ exitcode: 1 });
  expect(end['out-data']).toContain('package_update_upgrade_install');
  expect(guests.readFile(100, '/var/log/cloud-init-output.log')).toContain('Unable to locate package nosuch');
});

test('a guest that ignores its power button runs into the time-out, and a crash is seen at once', async () => {
  guests.behave({ ignoresShutdown: true });
  await boot();
  const asked = await call('POST', `${base}/100/status/shutdown`, { timeout: 30 });
  expect((await finish(lab, asked.body.data)).status).toBe('VM quit/powerdown failed - got timeout');
  guests.crash(100);
  expect((await call('GET', `${base}/100/status/current`)).body.data).toMatchObject({ status: 'stopped' });
});

test("PVE's own cloud-init drive is read, and files that a guest has written are on its disk when it is off", async () => {
  await boot();
  expect(await exec(['cloud-init', 'status', '--wait'])).toMatchObject({ exitcode: 0 });
  expect(await exec(['sh', '-c', 'hostname; id -un ops; echo kept >/etc/kept'])).toMatchObject({
    'out-data': 'VM100\nops\n',
  });
  await done('POST', `${base}/100/status/shutdown`);
  expect(guests.readFile(100, '/etc/kept')).toBe('kept\n');
});

test('a blank disk is seen by its name, can be formatted, and stays so over a restart', async () => {
  await done('POST', `${base}/100/config`, { scsi1: 'quickOS-vm-disks:1' });
  await boot();
  const device = '/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1';
  const look = `[ -b ${device} ] && blkid -p ${device}`;
  expect(await exec(['sh', '-c', look])).toMatchObject({ exitcode: 2 });
  expect(await exec(['sh', '-c', `mkfs.ext4 -q ${device} && ${look}`])).toMatchObject({
    exitcode: 0,
    'out-data': expect.stringContaining('TYPE="ext4"'),
  });
  await done('POST', `${base}/100/status/stop`);
  await boot();
  expect(await exec(['sh', '-c', look])).toMatchObject({ exitcode: 0 });
});
