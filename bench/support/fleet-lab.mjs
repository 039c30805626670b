// A lab with a finished fleet of as many machines as the first argument says, in a process of its own; sends { url, token, fingerprint }.
// The guests run without being simulated: a plan reads configurations and asks no guest.
import { createOrchestrator } from '../../packages/core/dist/index.js';
import { startLab } from '../../packages/lab/dist/index.js';
import { createProxmoxClient } from '../../packages/proxmox-client/dist/index.js';
import { fleetConfig } from './fleet-config.mjs';

const count = Number(process.argv[2]);
const lab = await startLab();
const definition = { config: {}, drives: [], name: '', node: 'pve' };
lab.inside.runtime.process = (vmid) => ({
  pid: vmid,
  startedAtMs: 0,
  qmpStatus: 'running',
  definition: { ...definition, vmid },
  qemuVersion: '10.0.2',
  machine: 'pc',
  readings: {},
});
function put(vmid, name, extra) {
  const marker = {
    v: 1,
    id: vmid,
    stage: 'ready',
    applied: {
      name,
      cores: 2,
      memory: '1024',
      tags: '',
      agent: 'enabled=1',
      net0: 'virtio,bridge=vmbr0',
    },
    from: '8000@b',
    ...extra,
  };
  lab.state.guests[vmid] = {
    vmid,
    kind: 'qemu',
    node: 'pve',
    config: {
      main: {
        name,
        cores: '2',
        memory: '1024',
        agent: 'enabled=1',
        tags: 'phoenix',
        net0: `virtio=BC:24:11:00:${(vmid >> 8).toString(16).padStart(2, '0')}:${(vmid & 255).toString(16).padStart(2, '0')},bridge=vmbr0`,
        scsi0: `quickOS-vm-disks:${vmid}/vm-${vmid}-disk-0.qcow2,size=10G`,
        boot: 'order=scsi0',
        scsihw: 'virtio-scsi-single',
        serial0: 'socket',
        ostype: 'l26',
        ...(marker.seed === undefined
          ? {}
          : { ide2: `local:iso/phoenix-${vmid}-${marker.seed}.iso,media=cdrom,size=368K` }),
        description: `<!-- phoenix: ${JSON.stringify(marker)} -->`,
      },
      pending: {},
      cloudinit: {},
      snapshots: {},
    },
  };
}
const config = fleetConfig(count, lab.imageMirror);
for (const { vmid, name } of config.guests) put(vmid, name, {});
const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
const plan = await createOrchestrator({ client, config }).plan('all');
for (const guest of plan.guests) {
  const seed = guest.actions.flatMap((action) => action.changes).find((change) => change.key === 'seed');
  put(guest.vmid, guest.name, { seed: seed.declared });
}
await client.close();
process.send({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
process.on('disconnect', () => void lab.close().then(() => process.exit()));
