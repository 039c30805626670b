import { type Lab, type LabRelease, startLab } from '@phoenix/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  agentExec,
  agentPing,
  agentReadFile,
  agentWriteFile,
  cloneGuest,
  convertToTemplate,
  createGuest,
  createProxmoxClient,
  createSnapshot,
  createToken,
  deleteGuest,
  deleteSnapshot,
  deleteVolume,
  downloadToStorage,
  equalSettings,
  findTask,
  getGuestConfig,
  getGuestPending,
  getGuestStatus,
  getPermissions,
  getVersion,
  listNodes,
  listResources,
  listSnapshots,
  listStorages,
  listVolumes,
  nextVmid,
  type ProxmoxClient,
  parseDrive,
  requireTaskOk,
  resizeDisk,
  rollbackSnapshot,
  startGuest,
  stopGuest,
  type TaskOutcome,
  updateGuestConfig,
  updateGuestConfigAsTask,
  uploadVolume,
  waitForTask,
} from '../src/index.js';

describe.each<LabRelease>(['8.4', '9.2'])('against a node of release %s', (release) => {
  let lab: Lab;
  let client: ProxmoxClient;
  const machine = { kind: 'qemu', node: 'pve', vmid: 100 } as const;
  const done = async (upid: string | Promise<string | undefined>): Promise<TaskOutcome> =>
    requireTaskOk(await waitForTask(client, (await upid) ?? ''));

  beforeAll(async () => {
    lab = await startLab({ release });
    client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
  });

  afterAll(async () => {
    await client.close();
    await lab.close();
  });

  test('it says what it is and what the caller may do', async () => {
    expect((await getVersion(client)).release).toBe(release);
    expect((await listNodes(client)).map(({ node }) => node)).toEqual(['pve']);
    expect((await listStorages(client, { node: 'pve' })).map(({ storage }) => storage).sort()).toEqual([
      'local',
      'quickOS-vm-disks',
    ]);
    expect((await getPermissions(client, { path: '/vms' }))['/vms']).toMatchObject({ 'VM.Allocate': true });
  });

  test('the node fetches an image, checks it, and does not fetch it twice', async () => {
    const image = 'Fedora-Cloud-Base-Generic-42-1.1.x86_64.qcow2';
    const sums = await (await fetch(new URL('SHA256SUMS', lab.imageMirror))).text();
    const value = new RegExp(`^(\\S+) .${image}$`, 'm').exec(sums)?.[1] ?? '';
    const download = {
      node: 'pve',
      storage: 'local',
      content: 'import',
      filename: 'fedora.qcow2',
      url: `${lab.imageMirror}${image}`,
    } as const;
    await done(downloadToStorage(client, { ...download, checksum: { algorithm: 'sha256', value } }));
    await done(downloadToStorage(client, { ...download, checksum: { algorithm: 'sha256', value } }));
    const unchecked = await waitForTask(client, await downloadToStorage(client, download));
    expect(unchecked).toMatchObject({ outcome: 'failed', reasonCode: 'PVE_EXISTS' });
  });

  test('a machine is created, configured and read back', async () => {
    expect(await nextVmid(client)).toBe(100);
    const set = {
      name: 'web',
      cores: 2,
      memory: 1024,
      agent: '1',
      scsi0: 'quickOS-vm-disks:0,import-from=local:import/fedora.qcow2,format=qcow2',
      net0: 'virtio,bridge=vmbr0',
      description: 'ä, ö & ü\n<!-- x -->',
    };
    await done(createGuest(client, { ...machine, set }));
    const config = await getGuestConfig(client, machine);
    expect(config).toMatchObject({ name: 'web', cores: 2, memory: '1024', description: set.description });
    expect(parseDrive(config.scsi0 ?? '')).toMatchObject({ size: '5G' });
    for (const key of ['cores', 'memory', 'net0', 'agent', 'description'] as const)
      expect(equalSettings('qemu', key, set[key], config[key])).toBe(true);
    expect((await listResources(client, { type: 'vm' })).map(({ vmid }) => vmid)).toContain(100);
    await expect(createGuest(client, machine)).rejects.toMatchObject({ code: 'PVE_EXISTS' });
  });

  test('a stale digest is refused', async () => {
    const { digest } = await getGuestConfig(client, machine);
    await updateGuestConfig(client, { ...machine, set: { tags: 'a;b' }, digest });
    await expect(updateGuestConfig(client, { ...machine, set: { tags: 'c' }, digest })).rejects.toMatchObject(
      { code: 'PVE_DIGEST' },
    );
  });

  test('disks grow, also by a task of the configuration', async () => {
    await done(resizeDisk(client, { ...machine, disk: 'scsi0', size: '8G' }));
    const shrunk = await waitForTask(
      client,
      await resizeDisk(client, { ...machine, disk: 'scsi0', size: '1G' }),
    );
    expect(shrunk).toMatchObject({ outcome: 'failed', reasonCode: 'PVE_UNSUPPORTED' });
    await done(
      updateGuestConfigAsTask(client, { node: 'pve', vmid: 100, set: { scsi1: 'quickOS-vm-disks:1' } }),
    );
    expect((await getGuestConfig(client, machine)).scsi1).toContain('size=1G');
  });

  test('a seed is uploaded with its checksum, attached, and deleted', async () => {
    const seed = Buffer.alloc(400_000, 'seed');
    await done(
      uploadVolume(client, {
        node: 'pve',
        storage: 'local',
        content: 'iso',
        filename: 'seed.iso',
        source: seed,
      }),
    );
    expect(
      (await listVolumes(client, { node: 'pve', storage: 'local', content: 'iso' })).map(
        ({ volid }) => volid,
      ),
    ).toEqual(['local:iso/seed.iso']);
    await updateGuestConfig(client, { ...machine, set: { ide2: 'local:iso/seed.iso,media=cdrom' } });
    expect(
      equalSettings(
        'qemu',
        'ide2',
        'local:iso/seed.iso,media=cdrom',
        (await getGuestConfig(client, machine)).ide2,
      ),
    ).toBe(true);
    await updateGuestConfig(client, { ...machine, delete: ['ide2'] });
    await done(deleteVolume(client, { node: 'pve', volid: 'local:iso/seed.iso' }));
  });

  test('it starts, and its agent runs programs and keeps files byte for byte', async () => {
    await expect(agentPing(client, machine)).rejects.toMatchObject({ code: 'PVE_NOT_RUNNING' });
    await done(startGuest(client, machine));
    expect(await getGuestStatus(client, machine)).toMatchObject({ status: 'running' });
    await expect
      .poll(
        () =>
          agentPing(client, machine).then(
            () => 'up',
            ({ code }) => code,
          ),
        { timeout: 20_000 },
      )
      .toBe('up');
    const { exitCode, stdout } = await agentExec(client, {
      ...machine,
      argv: ['sh', '-c', 'cat; exit 3'],
      stdin: Buffer.from('hällo\n'),
    });
    expect([exitCode, Buffer.from(stdout).toString()]).toEqual([3, 'hällo\n']);
    const content = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256));
    await agentWriteFile(client, { ...machine, path: '/tmp/bytes', content });
    expect(Buffer.from(await agentReadFile(client, { ...machine, path: '/tmp/bytes' })).equals(content)).toBe(
      true,
    );
  });

  test('what waits for the next start is told apart', async () => {
    await updateGuestConfig(client, { ...machine, set: { cores: 4 } });
    const pending = await getGuestPending(client, machine);
    expect(pending.find(({ key }) => key === 'cores')).toMatchObject({ value: '2', pending: '4' });
    expect([
      (await getGuestConfig(client, machine)).cores,
      (await getGuestConfig(client, { ...machine, current: true })).cores,
    ]).toEqual([4, 2]);
    await expect(deleteGuest(client, machine)).rejects.toMatchObject({ code: 'PVE_RUNNING' });
    await done(stopGuest(client, machine));
  });

  test('snapshots are taken, listed, gone back to and deleted', async () => {
    await updateGuestConfig(client, { ...machine, delete: ['scsi1'] });
    await done(createSnapshot(client, { ...machine, name: 'before', description: 'x' }));
    expect((await listSnapshots(client, machine)).map(({ name }) => name)).toEqual(['before']);
    const again = await waitForTask(client, await createSnapshot(client, { ...machine, name: 'before' }));
    expect(again).toMatchObject({ outcome: 'failed', reasonCode: 'PVE_EXISTS' });
    await done(rollbackSnapshot(client, { ...machine, name: 'before' }));
    await expect(convertToTemplate(client, machine)).rejects.toMatchObject({ code: 'PVE_TEMPLATE' });
    await done(deleteSnapshot(client, { ...machine, name: 'before' }));
  });

  test('a template is cloned, and cannot go while linked clones need it', async () => {
    await done(convertToTemplate(client, machine));
    await done(cloneGuest(client, { ...machine, newVmid: 101, name: 'clone', full: false }));
    expect(await getGuestConfig(client, { ...machine, vmid: 101 })).toMatchObject({ name: 'clone' });
    expect(await findTask(client, { node: 'pve', type: 'qmclone', vmid: 100 })).toMatchObject({
      id: '100',
      status: 'OK',
    });
    const refused = await waitForTask(client, await deleteGuest(client, machine));
    expect(refused).toMatchObject({ outcome: 'failed', reasonCode: 'PVE_IN_USE' });
    await done(deleteGuest(client, { ...machine, vmid: 101 }));
    await done(deleteGuest(client, machine));
    await expect(getGuestConfig(client, machine)).rejects.toMatchObject({ code: 'PVE_NOT_FOUND' });
  });

  test('a token of few privileges is told which it lacks', async () => {
    const { token } = await createToken(client, { userId: 'root@pam', name: 'low' });
    const low = createProxmoxClient({ url: lab.url, token, fingerprint: lab.fingerprint });
    await expect(startGuest(low, machine)).rejects.toMatchObject({
      code: 'PVE_PERMISSION',
      permission: { path: '/vms/100', privileges: ['VM.PowerMgmt'] },
    });
    await low.close();
  });
});
